/*
 * commands: all of them, one per file cli/cmd_NAME.c.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command command_advise;
extern const struct command command_blame;
extern const struct command command_diff;
extern const struct command command_doctor;
extern const struct command command_export;
extern const struct command command_fails;
extern const struct command command_import;
extern const struct command command_leaks;
extern const struct command command_plot;
extern const struct command command_record;
extern const struct command command_replay;
extern const struct command command_report;
extern const struct command command_run;
extern const struct command command_stat;
extern const struct command command_verify;
extern const struct command command_waterfall;

#endif
