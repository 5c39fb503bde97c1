export { type ApiObject, HcpTerraformApi } from "./src/api";
export { HcpTerraformError } from "./src/error";
export { downloadPlan } from "./src/plan-json";
export { tokenFor } from "./src/token";
