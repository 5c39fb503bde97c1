"use strict";

/** Stands in for cdktf's own, which captures a trace for every token: with source maps that is most of a test run. */
exports.captureStackTrace = () => [];
