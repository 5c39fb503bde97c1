/** Everything that the checker can find: what each rule is about, and why it matters. Ids stay the same. */
export const RULES = {
  "agent-missing":
    "A deployment that stands alone has $edgeAgent with its desired properties; Azure refuses one without.",
  "create-options-form":
    "createOptions are text in a deployment. Only templates have them as objects, which the tools turn into text.",
  "create-options-json":
    "createOptions are the JSON body of Docker's request to create a container; the agent refuses anything else.",
  "create-options-pieces":
    "createOptions, createOptions01, createOptions02, …: the agent joins the pieces until one is missing, and takes at most 100.",
  "deployment-id": "IoT Hub takes 1 to 128 lower-case letters, digits and - + % _ * ! ' for a deployment's id.",
  "deployment-priority": "Of two deployments for a device the higher priority wins; it is a whole number from 0.",
  "duplicate-key": "Of two properties with the same name in one object, readers take the last and drop the first.",
  "hub-missing": "A deployment that stands alone has $edgeHub with its desired properties; Azure refuses one without.",
  image:
    "Docker and the agent refuse an image reference that is not of the form registry:port/path/name:tag, or with @digest instead of the tag.",
  "image-rolling-tag": "A tag without a patch release moves: two devices run different things, and no change is seen.",
  "image-support": "Images whose support has ended get no security updates, or can no longer start.",
  "image-tag": "Without a tag, or with latest, devices run whatever was pushed last.",
  "json-comma": "JSON has no comma before a closing bracket; some readers refuse it.",
  "json-comment": "JSON has no comments; some readers refuse them.",
  "layer-priority": "A layered deployment below its base's priority is ignored.",
  "layer-without-base": "A layered deployment adds to a base; a device without one ignores it.",
  "legacy-content": "The preview of IoT Edge wrote moduleContent; today's services read modulesContent.",
  "module-count": "IoT Hub takes 50 modules on a device, beside the agent and the hub.",
  "module-form":
    "A module is an object; Azure's schema refuses properties that it does not know, and the agent ignores them.",
  "module-name": "A module's id has 1 to 128 letters, digits, hyphens and underscores.",
  "module-policy": "status, restartPolicy and imagePullPolicy have fixed sets of values; the agent refuses others.",
  "module-settings":
    "A module has settings with its image and container options; the agent and Azure's schema refuse others.",
  "module-type": "The agent knows modules of the type docker only.",
  "module-unreached": "A module that sends or reads messages needs a route.",
  "modules-form": "$edgeAgent has modules, {} where there are none.",
  "no-content": "A manifest has modulesContent, or content.modulesContent.",
  "null-value": "null deletes a property of a twin; a deployment does not hold any.",
  "number-range": "Integers in a twin are from -4503599627370496 to 4503599627370495; IoT Hub refuses others.",
  "property-name":
    "Names in a twin have no dots, $, #, spaces and control characters, and at most 1 KB; IoT Hub refuses others.",
  "registry-credentials":
    "The agent refuses a configuration whose registry credentials lack address, username or password.",
  "route-condition":
    "A condition with an unknown function, or with types that do not fit, makes the edge hub refuse all routes.",
  "route-form": "A route is text, or from hub schema 1.1 an object with route, priority and timeToLiveSecs.",
  "route-name": "Names of routes are names in a twin.",
  "route-never": "A condition that is no truth value is never true: no message takes the route.",
  "route-priority": "Routes have priorities from 0 (first) to 9; the edge hub refuses others.",
  "route-sink-input": "Messages for an input that nobody reads wait until they expire.",
  "route-sink-module": "Messages for a module that is not deployed wait until they expire.",
  "route-source":
    "The edge hub compares the beginning of a message's source with the route's; a star counts at the end only.",
  "route-source-module": "A route from a module that is not deployed carries nothing.",
  "route-source-output": "A route from an output that the module does not have carries nothing.",
  "route-text": "One route that the edge hub cannot parse makes it refuse all of them.",
  "route-time-to-live":
    "A route's time-to-live is a whole number of seconds from 0 to 4294967295; 0 stands for the edge hub's own.",
  "routes-form": "$edgeHub has routes, {} where there are none.",
  runtime: "The agent needs a runtime of the type docker with settings, minDockerVersion among them.",
  "same-priority": "Of deployments with the same priority the younger wins.",
  "schema-version": "Devices refuse a schema version that their runtime does not know.",
  "sensor-stops": "The simulated sensor stops after 500 messages where MessageCount does not say otherwise.",
  "startup-order": "A start order is a whole number from 0 to 4294967295.",
  "storage-in-container":
    "edgeAgent and edgeHub store in their container unless told otherwise; what waits is lost with every change of image or options.",
  "system-module": "$edgeAgent has the system modules edgeAgent and edgeHub.",
  "target-condition": "IoT Hub refuses a target condition that it cannot read; an empty one reaches no device.",
  "time-to-live":
    "The edge hub keeps undelivered messages for timeToLiveSecs; below zero it keeps them until the disk is full.",
  "twin-depth": "A twin nests at most 10 levels.",
  "twin-form": "A deployment sets desired properties only: properties.desired, or a path below it.",
  "twin-size": "The desired properties of a module take at most 32 KB.",
  "twin-without-module": "Desired properties of a module that is not deployed are read by nobody.",
  unreadable: "A file that cannot be read is not checked.",
  "unknown-property":
    "Azure's schema refuses properties of $edgeAgent and $edgeHub that it does not know, and devices ignore them.",
  "value-size": "A string in a twin takes at most 4 KB.",
  "variable-form": 'An environment variable is { "value": … } with a string, a number or a boolean.',
  "variable-name": "Names of environment variables are names in a twin, and have no +.",
} as const satisfies Readonly<Record<string, string>>;

/** Short name of a rule. */
export type RuleId = keyof typeof RULES;
