/* JSON for scripts and for what passes between them and the host. */
#ifndef POSTERN_CLUA_JSON_H
#define POSTERN_CLUA_JSON_H
#include "internal.h"

/* The deepest nesting of lists and objects. */
#define JSON_DEPTH 64

/* Reads one JSON text and pushes its value. When it is malformed, pushes nothing and fills `error`.
 * `keeps_null`: a null becomes postern.json.null, so that it keeps its place; otherwise nil. */
bool json_decode(lua_State *L, postern_lua_text text, bool keeps_null, char *error, size_t error_size);

/* Pushes the JSON text of the value at `index`; raises for what JSON cannot hold, with `what` in front. */
void json_encode(lua_State *L, int index, const char *what);

/* What stands for null, and the metatable of lists: by them an empty list stays a list. */
extern const char json_null;
void push_array_metatable(lua_State *L);
#endif
