#include "mini-key-auth-c.c"
#include "postern_test.h"

static const char *consumer(postern_test *test, const char *key) {
  postern_test_request(test, "GET", "/");
  if (key) postern_test_add(test, POSTERN_SECTION_REQUEST_HEADERS, "x-api-key", key);
  if (postern_test_request_head(test, 1) == POSTERN_HTTP_RESPONDED) {
    CHECK(test->answer_status == 401);
    return "nobody";
  }
  CHECK(postern_test_get(test, POSTERN_SECTION_REQUEST_HEADERS, "x-api-key") == NULL);
  return postern_test_get(test, POSTERN_SECTION_REQUEST_HEADERS, "x-consumer");
}

int main(void) {
  postern_test test;
  const char *json = "{\"keys\":[\"alice:a-secret\",\"bob:another\"]}";
  CHECK(postern_test_configure(&test, postern_plugin_entry_v1, json) == POSTERN_OK);
  CHECK(strcmp(consumer(&test, "a-secret"), "alice") == 0);
  CHECK(strcmp(consumer(&test, "another"), "bob") == 0);
  const char *wrong[] = {NULL, "", "a-secre", "a-secret2", "secret", "alice:a-secret", "alice", "]", "another\"", "[\"alice",
                         "a-secret\",\"bob:another"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) CHECK(strcmp(consumer(&test, wrong[i]), "nobody") == 0);
  postern_test_end(&test);
  puts("mini-key-auth-c: all checks passed");
  return 0;
}
