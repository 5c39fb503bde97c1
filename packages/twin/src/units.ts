/** A unit of DTDL's extension QuantitativeTypes (github.com/Azure/opendigitaltwins-dtdl), version 1. */
export interface SemanticUnit {
  /** Semantic type of a property. */
  readonly type: string;
  /** Its unit. */
  readonly unit: string;
}

/**
 * Units as people write them. Those that the extension lacks (mm/s among them) and those that do not tell
 * what is measured (%, g, mm, dB) are left out: such a signal has its unit as text alone.
 */
export const SEMANTIC_UNITS: Readonly<Record<string, SemanticUnit>> = {
  "°C": { type: "Temperature", unit: "degreeCelsius" },
  "°F": { type: "Temperature", unit: "degreeFahrenheit" },
  K: { type: "Temperature", unit: "kelvin" },
  bar: { type: "Pressure", unit: "bar" },
  mbar: { type: "Pressure", unit: "millibar" },
  Pa: { type: "Pressure", unit: "pascal" },
  kPa: { type: "Pressure", unit: "kilopascal" },
  psi: { type: "Pressure", unit: "poundPerSquareInch" },
  "m/s": { type: "Velocity", unit: "metrePerSecond" },
  "m/s²": { type: "Acceleration", unit: "metrePerSecondSquared" },
  rpm: { type: "AngularVelocity", unit: "revolutionPerMinute" },
  "1/min": { type: "AngularVelocity", unit: "revolutionPerMinute" },
  A: { type: "Current", unit: "ampere" },
  mA: { type: "Current", unit: "milliampere" },
  V: { type: "Voltage", unit: "volt" },
  W: { type: "Power", unit: "watt" },
  kW: { type: "Power", unit: "kilowatt" },
  Hz: { type: "Frequency", unit: "hertz" },
  kHz: { type: "Frequency", unit: "kilohertz" },
  "l/s": { type: "VolumeFlowRate", unit: "litrePerSecond" },
  "l/h": { type: "VolumeFlowRate", unit: "litrePerHour" },
  N: { type: "Force", unit: "newton" },
  Nm: { type: "Torque", unit: "newtonMetre" },
};

/** The semantic unit of a unit, where there is one. */
export function semanticUnit(unit: string | undefined): SemanticUnit | undefined {
  return unit !== undefined && Object.hasOwn(SEMANTIC_UNITS, unit) ? SEMANTIC_UNITS[unit] : undefined;
}
