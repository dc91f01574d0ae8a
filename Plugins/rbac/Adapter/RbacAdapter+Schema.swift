extension RbacAdapter {
    /// JSON Schema of ``Config``.
    public static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "rbac",
          "type": "object",
          "additionalProperties": false,
          "required": ["roles", "bindings"],
          "properties": {
            "roles": {
              "type": "array", "description": "What may be done.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["name", "rules"],
                "properties": {
                  "name": { "type": "string", "minLength": 1, "description": "For bindings." },
                  "namespace": {
                    "type": "string", "minLength": 1,
                    "description": "Where the role holds; everywhere without it."
                  },
                  "rules": {
                    "type": "array", "minItems": 1,
                    "description": "What is allowed by one of them is allowed.",
                    "items": {
                      "type": "object",
                      "additionalProperties": false,
                      "required": ["services"],
                      "properties": {
                        "services": \(globs("Services; * in a pattern is any text.")),
                        "methods": \(globs("Methods; all without it.")),
                        "paths": \(globs("Paths; all without it.")),
                        "constraints": {
                          "type": "array", "description": "Each must hold.",
                          "items": {
                            "type": "object",
                            "additionalProperties": false,
                            "required": ["key", "values"],
                            "properties": {
                              "key": {
                                "type": "string", "minLength": 1,
                                "description": "A property action.KEY of the instance."
                              },
                              "values": \(globs("It must fit one of these."))
                            }
                          }
                        }
                      }
                    }
                  }
                }
              }
            },
            "bindings": {
              "type": "array", "description": "Who may do it.",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["role", "subjects"],
                "properties": {
                  "name": { "type": "string", "description": "For people." },
                  "role": { "type": "string", "minLength": 1, "description": "The name of a role." },
                  "subjects": {
                    "type": "array", "minItems": 1,
                    "description": "Who has the role: what fits one of them, in all that it says.",
                    "items": {
                      "type": "object",
                      "additionalProperties": false,
                      "properties": {
                        "user": { "type": "string", "description": "A pattern; * is everybody." },
                        "group": { "type": "string", "description": "A pattern for one group." },
                        "properties": {
                          "type": "object", "additionalProperties": { "type": "string" },
                          "description": "Patterns for properties subject.KEY of the instance."
                        }
                      }
                    }
                  }
                }
              }
            },
            "mode": {
              "type": "string", "enum": ["enforced", "permissive"], "default": "enforced",
              "description": "permissive lets all pass and counts what would be refused."
            },
            "message": {
              "type": "string", "default": "access denied by role", "description": "The body of the answer."
            },
            "validDuration": {
              "type": "string", "default": "60s",
              "description": "How long an answer holds for requests alike; 0s: for one."
            }
          }
        }
        """

    private static func globs(_ description: String) -> String {
        #"""
        { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 },
          "description": "\#(description)" }
        """#
    }
}
