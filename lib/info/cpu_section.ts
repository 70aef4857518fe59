/** INFO cpu: processor time in seconds, of the process and of the thread that runs commands. */

import process from "node:process";
import type { InfoSection } from "./info_section.ts";

const MICROSECONDS = 1e6;

export const cpuSection: InfoSection = {
  name: "cpu",
  title: "CPU",
  isDefault: true,
  *fields() {
    const seconds = (microseconds: number) =>
      (microseconds / MICROSECONDS).toFixed(6);
    const { system, user } = process.cpuUsage();
    const thread = process.threadCpuUsage();
    yield ["used_cpu_sys", seconds(system)];
    yield ["used_cpu_user", seconds(user)];
    yield ["used_cpu_sys_children", seconds(0)];
    yield ["used_cpu_user_children", seconds(0)];
    yield ["used_cpu_sys_main_thread", seconds(thread.system)];
    yield ["used_cpu_user_main_thread", seconds(thread.user)];
  },
};
