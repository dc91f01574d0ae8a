/* A plugin that passes every check, unless the file that includes this has defined something else. */
#include <stdlib.h>
#include "postern_http_filter.h"

#ifndef PLUGIN_SIZE
#define PLUGIN_SIZE sizeof(postern_plugin)
#endif
#ifndef PLUGIN_VERSION
#define PLUGIN_VERSION POSTERN_ABI_VERSION
#endif
#ifndef PLUGIN_SWIFT
#define PLUGIN_SWIFT 0
#endif
#ifndef PLUGIN_NAME
#define PLUGIN_NAME "test"
#endif
#ifndef PLUGIN_SCHEMA
#define PLUGIN_SCHEMA "{ \"type\": \"object\" }"
#endif
#ifndef FILTER_SIZE
#define FILTER_SIZE sizeof(postern_http_filter)
#endif
#ifndef FILTER_STATE
#define FILTER_STATE 0
#endif
/* Initialisers of hooks that stand before the #include of this. */
#ifndef FILTER_HOOKS
#define FILTER_HOOKS .complete = NULL
#endif
#ifdef NO_CREATE
#define FILTER_CREATE NULL
#else
#define FILTER_CREATE test_create
#endif
#ifndef ENTRY
#define ENTRY postern_plugin_entry_v1
#endif

#ifdef NO_CREATE
#elif !defined HAS_CREATE
static postern_status test_create(const postern_http_filter *filter, postern_config_host *config, postern_bytes json,
                                  void **out) {
  (void)filter, (void)config, (void)json, (void)out;
  return POSTERN_OK;
}
#else
static postern_status test_create(const postern_http_filter *filter, postern_config_host *config, postern_bytes json,
                                  void **out);
#endif

static const postern_http_filter test_filter = {
    .size = FILTER_SIZE, .stream_state_bytes = FILTER_STATE, .config_create = FILTER_CREATE, FILTER_HOOKS};

static const void *test_extension(const postern_plugin *plugin, uint32_t id) {
  (void)plugin;
#ifdef NO_FILTER
  (void)id;
  return NULL;
#else
  return id == POSTERN_EXTENSION_HTTP_FILTER ? &test_filter : NULL;
#endif
}

static const postern_plugin test_plugin = {.size = PLUGIN_SIZE,
                                           .version = PLUGIN_VERSION,
                                           .swift_version = PLUGIN_SWIFT,
                                           .name = PLUGIN_NAME,
                                           .plugin_version = "1.0",
                                           .config_schema = PLUGIN_SCHEMA,
                                           .extension = test_extension};

static const postern_host *test_host;
const postern_plugin *ENTRY(const postern_host *host);
const postern_plugin *ENTRY(const postern_host *host) {
  test_host = host;
  (void)test_host;
#ifdef REFUSES_HOST
  return NULL;
#else
  return &test_plugin;
#endif
}
