"use strict";

/**
 * Stands in for the package archiver in the bundle: cdktf loads it at every start, for a fifteenth of the time, and uses it
 * for assets of type ARCHIVE only, of which there are none here.
 */
module.exports = () => {
  throw new Error(
    "assets of type ARCHIVE need the package archiver: take --alias:archiver out of the script compile in package.json",
  );
};
