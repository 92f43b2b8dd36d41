/* Every view of the page by the name under which the screen starts it. */

export { shell } from "./shell.js";
export { notice } from "./notice.js";
export { upload } from "./upload.js";
export { source } from "./source.js";
export { loading } from "./loading.js";
export { readings } from "./readings.js";
export { report } from "./report.js";
export { copyLink } from "./link.js";
export { records } from "./table.js";
export { styles } from "./styles.js";
export { typing } from "./typing.js";
export { columnMap } from "./columns.js";
export { example } from "./example.js";
export { splitBar } from "./split.js";
export { exportFiles } from "./export.js";
export { job } from "./job.js";
export { runList } from "./runs.js";
export { comparison } from "./comparison.js";
