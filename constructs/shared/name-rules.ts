/** What a service takes as a name. */
export interface NameRule {
  /** What is named, as a reader knows it. */
  readonly what: string;
  /** Cloud Adoption Framework abbreviation. */
  readonly abbreviation: string;
  readonly separator: "-" | "";
  /** Characters, both ends included. */
  readonly min: number;
  readonly max: number;
  readonly form: RegExp;
  /** The form in words. */
  readonly allowed: string;
  /** Whether all of Azure shares the names, so that a hash must tell organisations apart. */
  readonly global: boolean;
}

/**
 * Limits by resource type. The provider's check and Azure's own rule differ for some; this is the stricter of the two.
 * Sources: validators of azurerm 4.55.0 (the `validate` packages of its services) and the ARM naming rules page
 * (learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules).
 */
export const NAME_RULES = {
  resourceGroup: {
    what: "resource group",
    abbreviation: "rg",
    separator: "-",
    min: 1,
    max: 90,
    form: /^[\w.()-]*[\w()-]$/,
    allowed: "letters, digits, _ - . ( ), not ending in a dot",
    global: false,
  },
  storageAccount: {
    what: "storage account",
    abbreviation: "st",
    separator: "",
    min: 3,
    max: 24,
    form: /^[a-z0-9]+$/,
    allowed: "lower-case letters and digits",
    global: true,
  },
  keyVault: {
    what: "key vault",
    abbreviation: "kv",
    separator: "-",
    min: 3,
    max: 24,
    form: /^[a-zA-Z](?:-?[a-zA-Z0-9])*$/,
    allowed: "letters, digits and single hyphens, starting with a letter, ending in a letter or digit",
    global: true,
  },
  workspaceVault: {
    what: "machine learning workspace's key vault",
    abbreviation: "kvml",
    separator: "-",
    min: 3,
    max: 24,
    form: /^[a-zA-Z](?:-?[a-zA-Z0-9])*$/,
    allowed: "letters, digits and single hyphens, starting with a letter, ending in a letter or digit",
    global: true,
  },
  iotHub: {
    what: "IoT hub",
    abbreviation: "iot",
    separator: "-",
    min: 3,
    max: 50,
    form: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    allowed: "lower-case letters, digits and hyphens, not ending in a hyphen",
    global: true,
  },
  provisioningService: {
    what: "Device Provisioning Service",
    abbreviation: "provs",
    separator: "-",
    min: 3,
    max: 64,
    form: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    allowed: "lower-case letters, digits and hyphens, not ending in a hyphen",
    global: true,
  },
  containerRegistry: {
    what: "container registry",
    abbreviation: "cr",
    separator: "",
    min: 5,
    max: 50,
    form: /^[a-z0-9]+$/,
    allowed: "lower-case letters and digits",
    global: true,
  },
  // azurerm's validator; Azure also refuses the endings -sb and -mgmt, which the hash keeps from happening.
  serviceBusNamespace: {
    what: "Service Bus namespace",
    abbreviation: "sbns",
    separator: "-",
    min: 6,
    max: 50,
    form: /^[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]$/,
    allowed: "letters, digits and hyphens, starting with a letter, ending in a letter or digit",
    global: true,
  },
  // Unique in its region; the hash keeps it so in all.
  digitalTwins: {
    what: "Azure Digital Twins instance",
    abbreviation: "dt",
    separator: "-",
    min: 3,
    max: 63,
    form: /^[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]$/,
    allowed: "letters, digits and hyphens, starting and ending with a letter or digit",
    global: true,
  },
  machineLearningWorkspace: {
    what: "machine learning workspace",
    abbreviation: "mlw",
    separator: "-",
    min: 3,
    max: 33,
    form: /^[a-zA-Z0-9][\w-]+$/,
    allowed: "letters, digits, _ and hyphens, starting with a letter or digit",
    global: false,
  },
  userAssignedIdentity: {
    what: "user-assigned identity",
    abbreviation: "id",
    separator: "-",
    min: 3,
    max: 128,
    form: /^[a-zA-Z0-9][\w-]+$/,
    allowed: "letters, digits, _ and hyphens, starting with a letter or digit",
    global: false,
  },
  logAnalyticsWorkspace: {
    what: "Log Analytics workspace",
    abbreviation: "log",
    separator: "-",
    min: 4,
    max: 63,
    form: /^[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]$/,
    allowed: "letters, digits and hyphens, starting and ending with a letter or digit",
    global: false,
  },
  applicationInsights: {
    what: "Application Insights component",
    abbreviation: "appi",
    separator: "-",
    min: 1,
    max: 260,
    form: /^[^%&\\?/]*[^%&\\?/ .]$/,
    allowed: "anything but % & \\ ? /, not ending in a space or dot",
    global: false,
  },
  actionGroup: {
    what: "action group",
    abbreviation: "ag",
    separator: "-",
    min: 1,
    max: 260,
    form: /^[^/&%?\\]*[^/&%?\\ .]$/,
    allowed: "anything but / & % ? \\, not ending in a space or dot",
    global: false,
  },
  budget: {
    what: "budget",
    abbreviation: "budget",
    separator: "-",
    min: 1,
    max: 63,
    form: /^[A-Za-z0-9][\w-]*$/,
    allowed: "letters, digits, _ and hyphens",
    global: false,
  },
  application: {
    what: "application in Entra ID",
    abbreviation: "app",
    separator: "-",
    min: 1,
    max: 120,
    form: /^[a-zA-Z0-9][\w-]*$/,
    allowed: "letters, digits, _ and hyphens",
    global: false,
  },
  roleDefinition: {
    what: "custom role",
    abbreviation: "role",
    separator: "-",
    min: 1,
    max: 512,
    form: /^[a-zA-Z0-9][\w-]*$/,
    allowed: "letters, digits, _ and hyphens",
    global: false,
  },
} as const satisfies Record<string, NameRule>;
