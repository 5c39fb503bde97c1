import type { Rule } from "./rule";
import { allowedRegions } from "./rules/allowed-regions";
import { applicationInsightsWorkspace } from "./rules/application-insights-workspace";
import { computeScalesToZero } from "./rules/compute-scales-to-zero";
import { diagnosticsComplete } from "./rules/diagnostics-complete";
import { diagnosticsPresent } from "./rules/diagnostics-present";
import { edgeJobWithoutStreamingUnits } from "./rules/edge-job-without-streaming-units";
import { hubMinimumTls } from "./rules/hub-minimum-tls";
import { hubRoutingInOnePlace } from "./rules/hub-routing-in-one-place";
import { imagesByDigest } from "./rules/images-by-digest";
import { localAuthenticationOff } from "./rules/local-authentication-off";
import { logRetention } from "./rules/log-retention";
import { networkClosedInbound } from "./rules/network-closed-inbound";
import { noSecretLiterals } from "./rules/no-secret-literals";
import { pinnedImages } from "./rules/pinned-images";
import { publicNetworkAccess } from "./rules/public-network-access";
import { registryAdminOff } from "./rules/registry-admin-off";
import { registryAnonymousPullOff } from "./rules/registry-anonymous-pull-off";
import { requiredTags } from "./rules/required-tags";
import { serviceBusMinimumTls } from "./rules/service-bus-minimum-tls";
import { softDeleteDays } from "./rules/soft-delete-days";
import { statefulProtected } from "./rules/stateful-protected";
import { storageHttpsOnly } from "./rules/storage-https-only";
import { storageMinimumTls } from "./rules/storage-minimum-tls";
import { storageNoCrossTenantReplication } from "./rules/storage-no-cross-tenant-replication";
import { storageNoLocalUsers } from "./rules/storage-no-local-users";
import { storageNoPublicBlobs } from "./rules/storage-no-public-blobs";
import { storageSharedKeysOff } from "./rules/storage-shared-keys-off";
import { vaultPurgeProtection } from "./rules/vault-purge-protection";
import { vaultRbac } from "./rules/vault-rbac";
import { virtualMachineNoPasswords } from "./rules/virtual-machine-no-passwords";

/** Every rule, in the order of reports: who gets in, what can be seen, what runs, what is kept, where it is, what it costs. */
export const RULES: readonly Rule[] = [
  storageSharedKeysOff,
  storageMinimumTls,
  storageHttpsOnly,
  storageNoPublicBlobs,
  storageNoCrossTenantReplication,
  storageNoLocalUsers,
  hubMinimumTls,
  serviceBusMinimumTls,
  hubRoutingInOnePlace,
  vaultRbac,
  vaultPurgeProtection,
  localAuthenticationOff,
  registryAdminOff,
  registryAnonymousPullOff,
  virtualMachineNoPasswords,
  networkClosedInbound,
  publicNetworkAccess,
  noSecretLiterals,
  pinnedImages,
  imagesByDigest,
  edgeJobWithoutStreamingUnits,
  diagnosticsPresent,
  diagnosticsComplete,
  logRetention,
  applicationInsightsWorkspace,
  softDeleteDays,
  statefulProtected,
  requiredTags,
  allowedRegions,
  computeScalesToZero,
];
