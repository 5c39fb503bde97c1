import { ALERT_CHECKS } from "./alerts";
import { BEFORE_CHECKS } from "./before";
import type { Check } from "./check";
import { CLOUD_CHECKS } from "./cloud";
import { CONFIGURATION_CHECKS } from "./configuration";
import { DEVICE_CHECKS } from "./devices";
import { ROLLOUT_CHECKS } from "./rollout";
import { WORK_ORDER_CHECKS } from "./work-orders";

/** Every check, in the order of reports. */
export const CHECKS: readonly Check[] = [
  ...CONFIGURATION_CHECKS,
  ...BEFORE_CHECKS,
  ...CLOUD_CHECKS,
  ...DEVICE_CHECKS,
  ...ROLLOUT_CHECKS,
  ...ALERT_CHECKS,
  ...WORK_ORDER_CHECKS,
];
