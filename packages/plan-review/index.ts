export { review } from "./src/command";
export { renderHtml } from "./src/render/html/html";
export { renderJson } from "./src/render/json";
export { renderMarkdown } from "./src/render/markdown/markdown";
export type { Change, Report } from "./src/report/report";
export { detailInWords, linesInWords } from "./src/report/wording";
export { SynthFolderError } from "./src/synth/stack";
export { reviewSynth } from "./src/synth/trees";
