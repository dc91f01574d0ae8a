#define _GNU_SOURCE
#include "postern_activity.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGABRT};
static const char *const names[] = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP", "SIGFPE", "SIGABRT"};
#define SIGNALS (sizeof signals / sizeof *signals)
/* In the order of FilterPhase. */
static const char *const phases[] = {"request_head",  "request_body",      "request_trailers", "response_head",
                                     "response_body", "response_trailers", "complete"};

static struct sigaction previous[SIGNALS];
static postern_request_id find_request_id;
static _Thread_local postern_activity *current;

/* A line that is put together without the allocator, which may be what crashed. */
typedef struct line {
  char text[512];
  size_t count;
} line;

static void append(line *line, const char *text, size_t count) {
  for (size_t i = 0; i < count && line->count < sizeof line->text - 1; i++) line->text[line->count++] = text[i];
}

static void say(line *line, const char *text) {
  size_t count = 0;
  while (text[count] != 0) count++;
  append(line, text, count);
}

static void describe(line *line, const postern_activity *activity) {
  const char *filter = activity ? activity->filter : NULL;
  if (filter == NULL) {
    say(line, "outside of any filter's hook");
    return;
  }
  say(line, "in filter=");
  say(line, filter);
  say(line, " phase=");
  say(line, activity->phase < sizeof phases / sizeof *phases ? phases[activity->phase] : "?");
  uint8_t id[128];
  size_t count = find_request_id ? find_request_id(activity->exchange, id, sizeof id) : 0;
  if (count > 0) {
    say(line, " request=");
    append(line, (const char *)id, count);
  }
}

static void crashed(int signal, siginfo_t *info, void *context) {
  (void)context;
  line report = {.count = 0};
  size_t index = 0;
  while (index + 1 < SIGNALS && signals[index] != signal) index++;
  /* A second crash, in here, is the system's. */
  sigaction(signal, &previous[index], NULL);
  say(&report, "postern-proxy: crashed by ");
  say(&report, names[index]);
  say(&report, " ");
  describe(&report, current);
  say(&report, "\n");
  ssize_t written = write(STDERR_FILENO, report.text, report.count);
  (void)written;
  /* What the kernel raised comes again when this returns; what somebody sent does not. */
  if (info == NULL || info->si_code <= 0) raise(signal);
}

void postern_report_crashes(postern_request_id request_id) {
  find_request_id = request_id;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = crashed;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (size_t i = 0; i < SIGNALS; i++) sigaction(signals[i], &action, &previous[i]);
}

void postern_adopt_activity(postern_activity *activity) {
  current = activity;
  /* A stack that has run out needs another for the report. Kept as long as the thread, which is as long as the process. */
  size_t size = 65536;
  stack_t stack;
  memset(&stack, 0, sizeof stack);
  stack.ss_sp = malloc(size);
  stack.ss_size = size;
  if (stack.ss_sp != NULL && sigaltstack(&stack, NULL) != 0) free(stack.ss_sp);
  /* The kernel ends a process whose thread blocks the signal of its own fault. */
  sigset_t faults;
  sigemptyset(&faults);
  for (size_t i = 0; i < SIGNALS; i++) sigaddset(&faults, signals[i]);
  pthread_sigmask(SIG_UNBLOCK, &faults, NULL);
}
