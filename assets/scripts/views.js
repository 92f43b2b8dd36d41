/* Every view of the page by the name under which the screen starts it. */

export { shell } from "./frame/shell.js";
export { notice } from "./notice.js";
export { stageHead } from "./command.js";
export { upload } from "./load/upload.js";
export { source } from "./load/source.js";
export { loading } from "./load/loading.js";
export { readings } from "./load/readings.js";
export { report } from "./load/report.js";
export { browseHead } from "./browse/link.js";
export { records } from "./browse/table.js";
export { promptPage } from "./prompt/page.js";
export { promptEditor } from "./prompt/editor.js";
export { promptPreview } from "./prompt/preview.js";
export { tokenView } from "./prompt/tokens.js";
export { lengths } from "./prompt/lengths.js";
export { promptReport } from "./prompt/report.js";
export { splitBar } from "./split/split.js";
export { exportPage } from "./export/page.js";
export { finetuneForm } from "./finetune/form.js";
export { finetunePlan } from "./finetune/plan.js";
export { job } from "./runs/job.js";
export { runList } from "./runs/runs.js";
export { takeaway } from "./runs/takeaway.js";
export { comparison } from "./compare/comparison.js";
export { tryPrompt } from "./compare/try.js";
export { judge } from "./compare/judge.js";
