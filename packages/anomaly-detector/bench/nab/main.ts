import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { readCorpus, type Series } from "./corpus";
import { crossCheck } from "./cross-check";
import { BENCHMARKED } from "./detectors";
import { PUBLISHED } from "./published";
import {
  normalise,
  optimiseThreshold,
  PROFILE_NAMES,
  type ProfileName,
  scoreSeries,
  type SeriesScore,
} from "./scoring";

const USAGE = `Scores the detectors on the Numenta Anomaly Benchmark, by its own rules.

  npm run bench:nab -- --data FOLDER      folder with NAB's data and labels
      --out FOLDER                        write result files in NAB's own layout
      --cross-check                       choose threshold and cooldown on half of the categories, report on the other
      --help                              print this`;

interface ProfileResult {
  readonly threshold: number;
  readonly score: number;
  readonly series: readonly SeriesScore[];
}

function print(line = ""): void {
  process.stdout.write(`${line}\n`);
}

function cells(widths: readonly number[], values: readonly (string | number)[]): string {
  return values
    .map((value, i) => {
      const text = typeof value === "number" ? value.toFixed(1) : value;
      return i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
    })
    .join("  ");
}

function countWindows(corpus: readonly Series[]): number {
  return corpus.reduce((sum, { windows }) => sum + windows.length, 0);
}

function evaluate(corpus: readonly Series[], scores: readonly number[][]): Record<ProfileName, ProfileResult> {
  const windows = countWindows(corpus);
  const evaluateProfile = (profile: ProfileName): ProfileResult => {
    const { threshold, raw } = optimiseThreshold(corpus, scores, profile);
    const series = corpus.map((each, i) => scoreSeries(each, scores[i] ?? [], threshold, profile));
    return { threshold, score: normalise(raw, windows, profile), series };
  };
  return Object.fromEntries(PROFILE_NAMES.map((profile) => [profile, evaluateProfile(profile)])) as Record<
    ProfileName,
    ProfileResult
  >;
}

/** Writes scores in NAB's layout, so that NAB's own `run.py --optimize --score --normalize` can check them. */
function writeResults(
  out: string,
  detector: string,
  corpus: readonly Series[],
  scores: readonly number[][],
  results: Readonly<Record<ProfileName, ProfileResult>>,
): void {
  corpus.forEach((series, i) => {
    const file = join(out, "results", detector, series.category, `${detector}_${basename(series.name)}`);
    mkdirSync(dirname(file), { recursive: true });
    const rows = series.timestamps.map((timestamp, row) => {
      const label = series.windows.some(([first, last]) => row >= first && row <= last) ? 1 : 0;
      return `${timestamp},${series.values[row] ?? ""},${scores[i]?.[row] ?? 0},${label}`;
    });
    writeFileSync(file, ["timestamp,value,anomaly_score,label", ...rows, ""].join("\n"));
  });
  for (const profile of PROFILE_NAMES) {
    const { threshold, series } = results[profile];
    const rows = series.map(({ raw, counts: { tp, tn, fp, fn } }, i) =>
      [detector, profile, corpus[i]?.name ?? "", threshold, raw, tp, tn, fp, fn, tp + tn + fp + fn].join(","),
    );
    const header = "Detector,Profile,File,Threshold,Score,TP,TN,FP,FN,Total_Count";
    const file = join(out, "results", detector, `${detector}_${profile}_scores.csv`);
    writeFileSync(file, [header, ...rows, ""].join("\n"));
  }
}

function printSeries(corpus: readonly Series[], result: ProfileResult): void {
  const widths = [58, 9, 14, 16, 7];
  print(cells(widths, ["series (standard profile)", "windows", "false/1,000", "delay in rows", "raw"]));
  corpus.forEach(({ name, windows }, i) => {
    const score = result.series[i];
    if (!score) return;
    const hit = `${score.windowsHit}/${windows.length}`;
    const falseAlarms = score.falseAlarmsPer1000.toFixed(1);
    print(cells(widths, [name, hit, falseAlarms, score.delays.join(" ") || "-", score.raw.toFixed(2)]));
  });
}

function printCategories(corpus: readonly Series[], results: Readonly<Record<ProfileName, ProfileResult>>): void {
  const widths = [26, 9, 13, 10, 10, 10];
  print(cells(widths, ["category", "windows", "false/1,000", "standard", "low FP", "low FN"]));
  for (const category of [...new Set(corpus.map((series) => series.category))]) {
    const members = corpus.map((series, i) => ({ series, i })).filter(({ series }) => series.category === category);
    const windows = countWindows(members.map(({ series }) => series));
    const standard = members.map(({ i }) => results.standard.series[i]).filter((score) => score !== undefined);
    const hit = standard.reduce((sum, { windowsHit }) => sum + windowsHit, 0);
    const alarms = standard.reduce((sum, { counts }) => sum + counts.fp, 0);
    const rows = standard.reduce((sum, { counts: { tp, tn, fp, fn } }) => sum + tp + tn + fp + fn, 0);
    const scores = PROFILE_NAMES.map((profile) => {
      const raw = members.reduce((sum, { i }) => sum + (results[profile].series[i]?.raw ?? 0), 0);
      return windows === 0 ? `raw ${raw.toFixed(2)}` : normalise(raw, windows, profile).toFixed(1);
    });
    print(cells(widths, [category, `${hit}/${windows}`, ((1000 * alarms) / rows).toFixed(2), ...scores]));
  }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      data: { type: "string" },
      out: { type: "string" },
      "cross-check": { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) {
    print(USAGE);
    return;
  }
  if (values.data === undefined) throw new Error(`--data is missing\n\n${USAGE}`);
  const corpus = readCorpus(values.data);
  const all: Record<string, Record<ProfileName, ProfileResult>> = {};
  for (const [detector, { run }] of Object.entries(BENCHMARKED)) {
    const scores = corpus.map(run);
    const results = evaluate(corpus, scores);
    all[detector] = results;
    if (values.out !== undefined) writeResults(values.out, detector, corpus, scores, results);
  }

  const own = all.edgeEnsemble;
  if (!own) throw new Error("the ensemble was not run");
  printSeries(corpus, own.standard);
  print();
  printCategories(corpus, own);
  print();
  const widths = [44, 10, 10, 10];
  print(cells(widths, ["detector", "standard", "low FP", "low FN"]));
  const rows: (readonly [string, number, number, number])[] = [...PUBLISHED];
  for (const [detector, { title }] of Object.entries(BENCHMARKED)) {
    const [standard = 0, lowFp = 0, lowFn = 0] = PROFILE_NAMES.map((profile) => all[detector]?.[profile].score);
    rows.push([`> ${title}`, standard, lowFp, lowFn]);
  }
  for (const row of rows.sort((a, b) => b[1] - a[1])) print(cells(widths, row));
  print();
  if (values["cross-check"] === true) crossCheck(corpus, print);

  if (values.out !== undefined) {
    const thresholds = Object.fromEntries(
      Object.entries(all).map(([detector, results]) => [
        detector,
        Object.fromEntries(
          PROFILE_NAMES.map((profile) => [
            profile,
            {
              score: results[profile].series.reduce((sum, { raw }) => sum + raw, 0),
              threshold: results[profile].threshold,
            },
          ]),
        ),
      ]),
    );
    const finals = Object.fromEntries(
      Object.entries(all).map(([detector, results]) => [
        detector,
        Object.fromEntries(PROFILE_NAMES.map((profile) => [profile, results[profile].score])),
      ]),
    );
    mkdirSync(join(values.out, "config"), { recursive: true });
    writeFileSync(join(values.out, "config", "thresholds.json"), `${JSON.stringify(thresholds, null, 2)}\n`);
    writeFileSync(join(values.out, "results", "final_results.json"), `${JSON.stringify(finals, null, 2)}\n`);
  }
  print(
    JSON.stringify({
      benchmark: "NAB",
      series: corpus.length,
      windows: countWindows(corpus),
      ...Object.fromEntries(PROFILE_NAMES.map((profile) => [profile, Number(own[profile].score.toFixed(2))])),
      threshold: own.standard.threshold,
    }),
  );
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
