"use strict";

const { availableParallelism, loadavg } = require("node:os");

/**
 * Milliseconds that a test may take; one that needs longer says so, and why. The load is an average over a minute: it is still
 * low while the first and longest files compile, and some containers do not have it.
 */
const IDLE_MS = 15_000;

// Timeouts are for tests that hang, and not for machines that are busy: there each test waits for its turn.
jest.setTimeout(IDLE_MS * Math.max(1, (2 * loadavg()[0]) / availableParallelism()));
