/* Kube-apiserver 1.36's own answers to fields that hold what they cannot. */
#include "domain/apply_types.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"

#define NOT_SAID "; which field it is, the cluster does not say"
#define QUANTITY "a quantity, below resources or of a volume, is none" NOT_SAID ": write each such as 500m, 2, 128Mi or 1Gi"

TEST("a field that holds what it cannot is named with what it has to be and what it is, as far as the cluster says it")
{
    static const struct {
        const char *words, *says;
    } ROWS[] = {
        {".spec.replicas: expected numeric (int or float), got string", "spec.replicas has to be a number, and is a text"},
        {".spec.template.spec.containers[name=\"web\"].env[name=\"A\"].value: expected string, got "
         "&value.valueUnstructured{Value:true}",
         "spec.template.spec.containers[name=\"web\"].env[name=\"A\"].value has to be a text, and is true: write it in quotes"},
        {".spec.need: expected string, got &value.valueUnstructured{Value:map[string]interface {}{\"a\":1}}",
         "spec.need has to be a text, and is a group of fields"},
        {".spec.paused: expected boolean, got &{yes}", "spec.paused has to be true or false, and is yes"},
        {".spec.suspend: expected boolean, got &{true}",
         "spec.suspend has to be true or false, and is true in quotes: write it without"},
        {".spec.template.spec.containers[name=\"web\"].command: expected list, got &{ls}",
         "spec.template.spec.containers[name=\"web\"].command has to be a list, and is ls"},
        {".spec.template.spec.containers: expected list, got &{map[a:1]}",
         "spec.template.spec.containers has to be a list, and is a group of fields"},
        {".spec: expected map, got &{[1]}", "spec has to be a group of fields, and is a list"},
        {".spec.limits.cpu: expected any scalar, got &{map[a:1]}", "spec.limits.cpu has to be a single value, and is a group of "
                                                                   "fields"},
        {".spec.list[0]: expected string, got x", "spec.list[0] has to be a text"},
        {".spec.template.spec.containers[name=\"web\"].imagee: field not declared in schema",
         "there is no field spec.template.spec.containers[name=\"web\"].imagee: correct its name or its place, or take it away"},
        {"strict decoding error: unknown field \"spec.foo\", unknown field \"spec.bar\"",
         "there is no field spec.foo: correct its name or its place, or take it away"},
        {"json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
         "spec.replicas has to be a whole number, and is 1.5"},
        {"json: cannot unmarshal bool into Go value of type int32",
         "a field has to be a whole number, and is true or false" NOT_SAID},
        {"json: cannot unmarshal array into Go value of type int32", "a field has to be a whole number, and is a list" NOT_SAID},
        {"json: cannot unmarshal number 1.5 into Go value of type int32",
         "a field has to be a whole number, and is 1.5" NOT_SAID},
        {"json: cannot unmarshal string into Go struct field X.spec.a of type v1.Thing",
         "spec.a has to be something else, and is a text"},
        {"cannot convert float64 to int32", "a field has to be a whole number, and is a number with a fraction" NOT_SAID},
        {"spec.size: Invalid value: \"number\": spec.size in body must be of type integer: \"number\", <nil>: Invalid value: "
         "\"\": "
         "Checked value must be of type integer (default format) in spec.size]",
         "spec.size has to be a whole number, and is a number"},
        {"[spec.cpu: Invalid value: \"boolean\": spec.cpu in body must be of type integer,string: \"boolean\", <nil>: x]",
         "spec.cpu has to be a whole number or a text, and is true or false"},
        {"parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"",
         "\"yesterday\" is no time: write it such as 2026-11-30T12:00:00Z"},
        {"time: invalid duration \"soon\"", "\"soon\" is no duration: write it such as 30s, 5m or 1h30m"},
        {"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'", QUANTITY},
        {"unable to parse quantity's suffix", QUANTITY},
        {"unable to parse numeric part of quantity", QUANTITY},
        /* What says it in words of its own. */
        {"spec.schedule: Invalid value: \"hourly\": expected exactly 5 fields, found 1: [hourly]", NULL},
        {"spec.replicas: Invalid value: -1: must be greater than or equal to 0", NULL},
        {"spec.type: Unsupported value: \"Public\": supported values: \"ClusterIP\"", NULL},
        {": expected string, got", NULL},
        {"cannot unmarshal", NULL},
        {"cannot convert a to ", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_test_row("%s", ROWS[i].words);
        cat_autofree char *says = cat_apply_type_words(ROWS[i].words);
        EXPECT_TEXT(says, ROWS[i].says);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
