/** What a command prints to standard output and to standard error, from the start of each test. */
export interface Heard {
  readonly printed: string[];
  readonly complained: string[];
}

/** Takes what is written to the console in the tests of a file; call it once, at its top. */
export function listenToConsole(): Heard {
  const heard: Heard = { printed: [], complained: [] };
  beforeEach(() => {
    heard.printed.length = 0;
    heard.complained.length = 0;
    jest.spyOn(console, "log").mockImplementation((text: string) => heard.printed.push(text));
    jest.spyOn(console, "error").mockImplementation((text: string) => heard.complained.push(text));
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  return heard;
}
