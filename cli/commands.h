/*
 * commands: one function per command, each in cli/cmd_NAME.c.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

int cmd_advise(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_blame(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_fails(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_leaks(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_waterfall(int argc, char **argv);

#endif
