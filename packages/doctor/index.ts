export { CHECKS } from "./src/checks/table";
export { type Endpoints, PUBLIC_CLOUD } from "./src/endpoints";
export type * from "./src/expectations";
export { examine, type Examination } from "./src/examine";
export type { Fact, Finding, Found, Level, NotChecked, Report } from "./src/finding";
export type { TokenFor } from "./src/http";
export { probe, type ProbeOptions, type ProbeReport, type ProbeStep } from "./src/probe";
export { renderReport, renderStep } from "./src/render";
export { signIn } from "./src/sign-in";
