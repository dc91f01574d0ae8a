#include "postern_postgres.h"
#include <libpq-fe.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct postern_postgres {
  PGconn *connection;
};

enum { PIECE = 1 << 20 };

static int64_t now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* The first line of a text of libpq's. */
static void say(postern_postgres_error *error, const char *text) {
  snprintf(error->message, sizeof error->message, "%.*s", (int)strcspn(text, "\n"), text);
}

/* Whether the socket is ready before `end`. */
static bool wait_for(PGconn *connection, short events, int64_t end, postern_postgres_error *error) {
  struct pollfd polled = {.fd = PQsocket(connection), .events = events};
  for (;;) {
    int64_t left = end - now_ms();
    int count = poll(&polled, 1, left > 0 ? (int)left : 0);
    if (count > 0) return true;
    if (count == 0 && left <= 0) {
      say(error, "timed out");
      return false;
    }
  }
}

static void no_notices(void *data, const PGresult *result) {
  (void)data;
  (void)result;
}

postern_postgres *postern_postgres_connect(
    const char *const *settings, int timeout_ms, postern_postgres_error *error) {
  const char *names[32];
  const char *values[32];
  size_t count = 0;
  memset(error, 0, sizeof *error);
  for (; settings[0] != NULL && count < 31; settings += 2, count++) {
    names[count] = settings[0];
    values[count] = settings[1];
  }
  names[count] = values[count] = NULL;
  int64_t end = now_ms() + timeout_ms;
  postern_postgres *postgres = calloc(1, sizeof *postgres);
  if (postgres == NULL) return NULL;
  postgres->connection = PQconnectStartParams(names, values, 0);
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (postgres->connection != NULL && PQstatus(postgres->connection) != CONNECTION_BAD) {
    if (status == PGRES_POLLING_OK && PQsetnonblocking(postgres->connection, 1) == 0) {
      PQsetNoticeReceiver(postgres->connection, no_notices, NULL);
      return postgres;
    }
    if (status == PGRES_POLLING_FAILED) break;
    if (!wait_for(postgres->connection, status == PGRES_POLLING_READING ? POLLIN : POLLOUT, end, error)) break;
    status = PQconnectPoll(postgres->connection);
  }
  if (error->message[0] == 0) say(error, PQerrorMessage(postgres->connection));
  postern_postgres_free(postgres);
  return NULL;
}

void postern_postgres_free(postern_postgres *postgres) {
  if (postgres == NULL) return;
  PQfinish(postgres->connection);
  free(postgres);
}

bool postern_postgres_is_open(postern_postgres *postgres) {
  struct pollfd polled = {.fd = PQsocket(postgres->connection), .events = POLLIN};
  if (polled.fd < 0 || PQstatus(postgres->connection) != CONNECTION_OK) return false;
  return poll(&polled, 1, 0) == 0 || PQconsumeInput(postgres->connection) == 1;
}

/* What the server says of the data it could not take: "COPY name, line 3, column …", "COPY name, Zeile 3, …". */
static long line_of(const char *context) {
  if (context == NULL || strncmp(context, "COPY ", 5) != 0) return 0;
  const char *found = strchr(context, ',');
  if (found == NULL) return 0;
  found += strcspn(found, "0123456789");
  return strtol(found, NULL, 10);
}

static void take_error(PGconn *connection, const PGresult *result, postern_postgres_error *error) {
  const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  snprintf(error->state, sizeof error->state, "%s", state == NULL ? "" : state);
  say(error, message == NULL ? PQerrorMessage(connection) : message);
  error->line = line_of(PQresultErrorField(result, PG_DIAG_CONTEXT));
}

/* Sends what libpq holds. */
static bool flush(PGconn *connection, int64_t end, postern_postgres_error *error) {
  int status;
  while ((status = PQflush(connection)) == 1) {
    if (!wait_for(connection, POLLIN | POLLOUT, end, error)) return false;
    if (PQconsumeInput(connection) != 1) break;
  }
  if (status == 0) return true;
  say(error, PQerrorMessage(connection));
  return false;
}

/* The next result; NULL at the end, or with a message. */
static PGresult *next(PGconn *connection, int64_t end, postern_postgres_error *error) {
  while (PQisBusy(connection) == 1) {
    if (!wait_for(connection, POLLIN, end, error)) return NULL;
    if (PQconsumeInput(connection) != 1) {
      say(error, PQerrorMessage(connection));
      return NULL;
    }
  }
  return PQgetResult(connection);
}

/* Takes all results; false when one is an error. */
static bool take_all(PGconn *connection, int64_t end, char **value, postern_postgres_error *error) {
  PGresult *result;
  while ((result = next(connection, end, error)) != NULL) {
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK && value != NULL && *value == NULL && PQntuples(result) > 0 &&
        !PQgetisnull(result, 0, 0)) {
      *value = strdup(PQgetvalue(result, 0, 0));
    } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && error->message[0] == 0) {
      take_error(connection, result, error);
    }
    PQclear(result);
  }
  return error->message[0] == 0;
}

bool postern_postgres_query(
    postern_postgres *postgres, const char *sql, const char *parameter, int timeout_ms, char **value,
    postern_postgres_error *error) {
  int64_t end = now_ms() + timeout_ms;
  memset(error, 0, sizeof *error);
  if (value != NULL) *value = NULL;
  if (PQsendQueryParams(
          postgres->connection, sql, parameter == NULL ? 0 : 1, NULL, &parameter, NULL, NULL, 0) != 1) {
    say(error, PQerrorMessage(postgres->connection));
    return false;
  }
  return flush(postgres->connection, end, error) && take_all(postgres->connection, end, value, error);
}

bool postern_postgres_copy(
    postern_postgres *postgres, const char *sql, const char *data, size_t count, int timeout_ms,
    postern_postgres_error *error) {
  PGconn *connection = postgres->connection;
  int64_t end = now_ms() + timeout_ms;
  memset(error, 0, sizeof *error);
  if (PQsendQuery(connection, sql) != 1) {
    say(error, PQerrorMessage(connection));
    return false;
  }
  if (!flush(connection, end, error)) return false;
  PGresult *result = next(connection, end, error);
  if (result == NULL) return false;
  bool begins = PQresultStatus(result) == PGRES_COPY_IN;
  if (!begins) take_error(connection, result, error);
  PQclear(result);
  if (!begins) {
    take_all(connection, end, NULL, error);
    return false;
  }
  for (size_t sent = 0; sent < count;) {
    size_t piece = count - sent < PIECE ? count - sent : PIECE;
    int status = PQputCopyData(connection, data + sent, (int)piece);
    if (status < 0) {
      say(error, PQerrorMessage(connection));
      return false;
    }
    if (status == 1) sent += piece;
    /* A server that has failed already says so at the end. */
    if (!flush(connection, end, error)) return false;
  }
  while (PQputCopyEnd(connection, NULL) == 0) {
    if (!flush(connection, end, error)) return false;
  }
  return flush(connection, end, error) && take_all(connection, end, NULL, error);
}
