/*
 * report_files: style and script of the report, from the files of this folder,
 * each with its SHA-256 in hexadecimal.
 */
#ifndef PLOTS_REPORT_FILES_H
#define PLOTS_REPORT_FILES_H

extern const char report_style[], report_style_sha256[];
extern const char report_script[], report_script_sha256[];

#endif
