/* What kustomize 5.8.1 and the decoder of the API server's clients (sigs.k8s.io/yaml 1.6) answered, one after the other, and the
 * reader's own answer; then many made-up scalars against a reference that shares nothing with the reader. */
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/test.h"
#include "wire/yaml.h"

/* What stood below `spec:` of an object, and what of it reached the cluster; NULL: `kustomize build` refused it. */
static const struct {
    const char *yaml, *json;
} ANSWERS[] = {
    {"  v: 0644\n", "{\"v\":420}"},
    {"  v: 0o644\n", "{\"v\":420}"},
    {"  v: 0O644\n", "{\"v\":420}"},
    {"  v: 0b11\n", "{\"v\":3}"},
    {"  v: 0B11\n", "{\"v\":3}"},
    {"  v: 0x1F\n", "{\"v\":31}"},
    {"  v: 0X1F\n", "{\"v\":31}"},
    {"  v: -0x1F\n", "{\"v\":-31}"},
    {"  v: +0x1F\n", "{\"v\":31}"},
    {"  v: -0b11\n", "{\"v\":-3}"},
    {"  v: -0o17\n", "{\"v\":-15}"},
    {"  v: +0644\n", "{\"v\":420}"},
    {"  v: -0644\n", "{\"v\":-420}"},
    {"  v: 0888\n", "{\"v\":888}"},
    {"  v: 08\n", "{\"v\":8}"},
    {"  v: 09.5\n", "{\"v\":9.5}"},
    {"  v: 00\n", "{\"v\":0}"},
    {"  v: 0\n", "{\"v\":0}"},
    {"  v: -0\n", "{\"v\":0}"},
    {"  v: +0\n", "{\"v\":0}"},
    {"  v: 0_7\n", "{\"v\":7}"},
    {"  v: 1_000\n", "{\"v\":1000}"},
    {"  v: 1_000.5\n", "{\"v\":1000.5}"},
    {"  v: 1__0\n", "{\"v\":10}"},
    {"  v: _1\n", "{\"v\":\"_1\"}"},
    {"  v: 1_\n", "{\"v\":1}"},
    {"  v: -1_0\n", "{\"v\":-10}"},
    {"  v: +1\n", "{\"v\":1}"},
    {"  v: +1.5\n", "{\"v\":1.5}"},
    {"  v: 1.\n", "{\"v\":1}"},
    {"  v: .5\n", "{\"v\":0.5}"},
    {"  v: -.5\n", "{\"v\":-0.5}"},
    {"  v: +.5\n", "{\"v\":0.5}"},
    {"  v: .\n", "{\"v\":\".\"}"},
    {"  v: 1e3\n", "{\"v\":1000}"},
    {"  v: 1E3\n", "{\"v\":1000}"},
    {"  v: 1e+3\n", "{\"v\":1000}"},
    {"  v: 1.5e3\n", "{\"v\":1500}"},
    {"  v: 1e\n", "{\"v\":\"1e\"}"},
    {"  v: e3\n", "{\"v\":\"e3\"}"},
    {"  v: 1e400\n", "{\"v\":\"1e400\"}"},
    {"  v: 1.0\n", "{\"v\":1}"},
    {"  v: 2.0\n", "{\"v\":2}"},
    {"  v: 100.0\n", "{\"v\":100}"},
    {"  v: 1.50\n", "{\"v\":1.5}"},
    {"  v: .inf\n", NULL},
    {"  v: .Inf\n", NULL},
    {"  v: .INF\n", NULL},
    {"  v: -.inf\n", NULL},
    {"  v: +.inf\n", NULL},
    {"  v: .nan\n", NULL},
    {"  v: .NaN\n", NULL},
    {"  v: .NAN\n", NULL},
    {"  v: nan\n", "{\"v\":\"nan\"}"},
    {"  v: inf\n", "{\"v\":\"inf\"}"},
    {"  v: Infinity\n", "{\"v\":\"Infinity\"}"},
    {"  v: ~\n", "{\"v\":null}"},
    {"  v: null\n", "{\"v\":null}"},
    {"  v: Null\n", "{\"v\":null}"},
    {"  v: NULL\n", "{\"v\":null}"},
    {"  v: nULL\n", "{\"v\":\"nULL\"}"},
    {"  v: true\n", "{\"v\":true}"},
    {"  v: True\n", "{\"v\":true}"},
    {"  v: TRUE\n", "{\"v\":true}"},
    {"  v: tRUE\n", "{\"v\":\"tRUE\"}"},
    {"  v: false\n", "{\"v\":false}"},
    {"  v: yes\n", "{\"v\":\"yes\"}"},
    {"  v: Yes\n", "{\"v\":\"Yes\"}"},
    {"  v: YES\n", "{\"v\":\"YES\"}"},
    {"  v: yEs\n", "{\"v\":\"yEs\"}"},
    {"  v: no\n", "{\"v\":\"no\"}"},
    {"  v: No\n", "{\"v\":\"No\"}"},
    {"  v: NO\n", "{\"v\":\"NO\"}"},
    {"  v: on\n", "{\"v\":\"on\"}"},
    {"  v: On\n", "{\"v\":\"On\"}"},
    {"  v: ON\n", "{\"v\":\"ON\"}"},
    {"  v: off\n", "{\"v\":\"off\"}"},
    {"  v: Off\n", "{\"v\":\"Off\"}"},
    {"  v: OFF\n", "{\"v\":\"OFF\"}"},
    {"  v: y\n", "{\"v\":\"y\"}"},
    {"  v: Y\n", "{\"v\":\"Y\"}"},
    {"  v: n\n", "{\"v\":\"n\"}"},
    {"  v: N\n", "{\"v\":\"N\"}"},
    {"  v: 190:20:30\n", "{\"v\":\"190:20:30\"}"},
    {"  v: 1:30\n", "{\"v\":\"1:30\"}"},
    {"  v: 190:20:30.15\n", "{\"v\":\"190:20:30.15\"}"},
    {"  v: -190:20:30\n", "{\"v\":\"-190:20:30\"}"},
    {"  v: 2001-12-14\n", "{\"v\":\"2001-12-14T00:00:00Z\"}"},
    {"  v: 2001-12-14t21:59:43.10-05:00\n", "{\"v\":\"2001-12-14T21:59:43.1-05:00\"}"},
    {"  v: 2001-12-14 21:59:43.10 -5\n", "{\"v\":\"2001-12-14 21:59:43.10 -5\"}"},
    {"  v: 2026-13-45\n", "{\"v\":\"2026-13-45\"}"},
    {"  v: 9223372036854775807\n", "{\"v\":9223372036854775807}"},
    {"  v: 9223372036854775808\n", "{\"v\":9.223372036854776e+18}"},
    {"  v: 18446744073709551615\n", "{\"v\":1.8446744073709552e+19}"},
    {"  v: 18446744073709551616\n", "{\"v\":1.8446744073709552e+19}"},
    {"  v: -9223372036854775808\n", "{\"v\":-9223372036854775808}"},
    {"  v: -9223372036854775809\n", "{\"v\":-9.223372036854776e+18}"},
    {"  v: 99999999999999999999999\n", "{\"v\":1e+23}"},
    {"  v: 9007199254740993\n", "{\"v\":9007199254740993}"},
    {"  v: 0x7fffffffffffffff\n", "{\"v\":9223372036854775807}"},
    {"  v: 0xffffffffffffffff\n", "{\"v\":1.8446744073709552e+19}"},
    {"  v: 0x10000000000000000\n", "{\"v\":\"0x10000000000000000\"}"},
    {"  v: 0777777777777777777777\n", "{\"v\":9223372036854775807}"},
    {"  v: 01777777777777777777777\n", "{\"v\":1.8446744073709552e+19}"},
    {"  v: 0.1\n", "{\"v\":0.1}"},
    {"  v: 0.30000000000000004\n", "{\"v\":0.30000000000000004}"},
    {"  v: 1e21\n", "{\"v\":1e+21}"},
    {"  v: 1e20\n", "{\"v\":1e+20}"},
    {"  v: 1e-7\n", "{\"v\":1e-07}"},
    {"  v: 123456789012345678901234567890.5\n", "{\"v\":1.2345678901234568e+29}"},
    {"  v: 0x\n", "{\"v\":\"0x\"}"},
    {"  v: 0b\n", "{\"v\":\"0b\"}"},
    {"  v: 0o\n", "{\"v\":\"0o\"}"},
    {"  v: 0b12\n", "{\"v\":\"0b12\"}"},
    {"  v: 0o8\n", "{\"v\":\"0o8\"}"},
    {"  v: 0xG\n", "{\"v\":\"0xG\"}"},
    {"  v: 0x_1\n", "{\"v\":1}"},
    {"  v: 0b_1\n", "{\"v\":1}"},
    {"  v: 0x1_F\n", "{\"v\":31}"},
    {"  v: 1.2.3\n", "{\"v\":\"1.2.3\"}"},
    {"  v: =\n", "{\"v\":\"=\"}"},
    {"  v: <<\n", "{\"v\":\"<<\"}"},
    {"  v: !!str 5\n", "{\"v\":\"5\"}"},
    {"  v: !!int \"5\"\n", "{\"v\":5}"},
    {"  v: !!int 5.0\n", NULL},
    {"  v: !!int 5.5\n", NULL},
    {"  v: !!int x\n", NULL},
    {"  v: !!float 5\n", "{\"v\":5}"},
    {"  v: !!float x\n", NULL},
    {"  v: !!bool yes\n", NULL},
    {"  v: !!bool \"true\"\n", "{\"v\":true}"},
    {"  v: !!bool x\n", NULL},
    {"  v: !!null \"\"\n", "{\"v\":null}"},
    {"  v: !!null x\n", NULL},
    {"  v: !!binary aGVsbG8=\n", "{\"v\":\"hello\"}"},
    {"  v: !!binary ?\??\n", NULL},
    {"  v: !!timestamp 2001-12-14\n", "{\"v\":\"2001-12-14T00:00:00Z\"}"},
    {"  v: !!timestamp x\n", NULL},
    {"  v: ! 5\n", "{\"v\":5}"},
    {"  v: ! yes\n", "{\"v\":\"yes\"}"},
    {"  v: !custom 5\n", "{\"v\":\"5\"}"},
    {"  v: !<tag:yaml.org,2002:str> 5\n", "{\"v\":\"5\"}"},
    {"  v: !!foo 5\n", "{\"v\":\"5\"}"},
    {"  v: '0644'\n", "{\"v\":\"0644\"}"},
    {"  v: \"yes\"\n", "{\"v\":\"yes\"}"},
    {"  v: \"~\"\n", "{\"v\":\"~\"}"},
    {"  v: \"\"\n", "{\"v\":\"\"}"},
    {"  v: |-\n", "{\"v\":\"\"}"},
    {"  v: 0.\n", "{\"v\":0}"},
    {"  v: -.\n", "{\"v\":\"-.\"}"},
    {"  v: +.\n", "{\"v\":\"+.\"}"},
    {"  v: +\n", "{\"v\":\"+\"}"},
    {"  v: --1\n", "{\"v\":\"--1\"}"},
    {"  v: 1-\n", "{\"v\":\"1-\"}"},
    {"  v: 12e03\n", "{\"v\":12000}"},
    {"  v: 0x1p4\n", "{\"v\":\"0x1p4\"}"},
    {"  v: 0x1.8\n", "{\"v\":\"0x1.8\"}"},
    {"  v: 1e1_0\n", "{\"v\":10000000000}"},
    {"  v: 1_0e3\n", "{\"v\":10000}"},
    {"  v: _\n", "{\"v\":\"_\"}"},
    {"  v: 1,000\n", "{\"v\":\"1,000\"}"},
    {"  v: 0:0\n", "{\"v\":\"0:0\"}"},
    {"  v: 08:00\n", "{\"v\":\"08:00\"}"},
    {"  v: 1_0:30\n", "{\"v\":\"1_0:30\"}"},
    {"  v: 20010101\n", "{\"v\":20010101}"},
    {"  v: .1_0\n", "{\"v\":0.1}"},
    {"  v: ._1\n", "{\"v\":\"._1\"}"},
    {"  v: +.INF\n", NULL},
    {"  v: -.nan\n", "{\"v\":\"-.nan\"}"},
    {"  v: a#b\n", "{\"v\":\"a#b\"}"},
    {"  v: \303\251\n", "{\"v\":\"\\u00e9\"}"},
    {"  a: 1\n  a: 2\n", NULL},
    {"  1: a\n", NULL},
    {"  1: a\n  \"1\": b\n", NULL},
    {"  true: a\n", NULL},
    {"  yes: a\n", "{\"yes\":\"a\"}"},
    {"  on: a\n", "{\"on\":\"a\"}"},
    {"  y: a\n", "{\"y\":\"a\"}"},
    {"  1.5: a\n", NULL},
    {"  1e3: a\n", NULL},
    {"  0x10: a\n", NULL},
    {"  0644: a\n", NULL},
    {"  ~: a\n", NULL},
    {"  null: a\n", NULL},
    {"  : a\n", NULL},
    {"  2001-12-14: a\n", NULL},
    {"  [a]: b\n", NULL},
    {"  {a: b}: c\n", NULL},
    {"  ? a\n  : b\n", "{\"a\":\"b\"}"},
    {"  a: &x 1\n  b: *x\n", "{\"a\":1,\"b\":1}"},
    {"  a: &x {p: 1}\n  b: *x\n", "{\"a\":{\"p\":1},\"b\":{\"p\":1}}"},
    {"  a: &x {p: 1}\n  b:\n    <<: *x\n    q: 2\n", "{\"a\":{\"p\":1},\"b\":{\"p\":1,\"q\":2}}"},
    {"  a: &x {p: 1}\n  b:\n    q: 2\n    <<: *x\n    p: 3\n", "{\"a\":{\"p\":1},\"b\":{\"p\":3,\"q\":2}}"},
    {"  a: &x {p: 1, r: 9}\n  b:\n    p: 3\n    <<: *x\n", "{\"a\":{\"p\":1,\"r\":9},\"b\":{\"p\":3,\"r\":9}}"},
    {"  a: &x {p: 1}\n  c: &y {p: 2, q: 3}\n  b:\n    <<: [*x, *y]\n",
     "{\"a\":{\"p\":1},\"b\":{\"p\":1,\"q\":3},\"c\":{\"p\":2,\"q\":3}}"},
    {"  a: &x {p: 1}\n  c: &y {p: 2, q: 3}\n  b:\n    <<: *x\n    <<: *y\n", NULL},
    {"  b:\n    <<: {a: 1}\n    c: 2\n", "{\"b\":{\"a\":1,\"c\":2}}"},
    {"  b:\n    <<: 5\n", NULL},
    {"  b:\n    <<: [5]\n", NULL},
    {"  b:\n    <<: ~\n", NULL},
    {"  b:\n    <<: [[{a: 1}]]\n", NULL},
    {"  a: &x [1]\n  b:\n    <<: *x\n", NULL},
    {"  a: *x\n", NULL},
    {"  a: &x [*x]\n", NULL},
    {"  a: &x\n  b: *x\n", "{\"a\":null,\"b\":null}"},
    {"  a: &x 1\n  c: &x 2\n  b: *x\n", "{\"a\":1,\"b\":2,\"c\":2}"},
    {"  &k a: 1\n  b: *k\n", "{\"a\":1,\"b\":\"a\"}"},
    {"  a: &k foo\n  *k : 1\n", "{\"a\":\"foo\",\"foo\":1}"},
    {"  b: !!merge {a: 1}\n", "{\"b\":{\"a\":1}}"},
    {"  b:\n    !!merge <<: {a: 1}\n", "{\"b\":{\"a\":1}}"},
    {"  a: &x {p: {q: 1, r: 2}}\n  b:\n    <<: *x\n    p: {q: 5}\n", "{\"a\":{\"p\":{\"q\":1,\"r\":2}},\"b\":{\"p\":{\"q\":5}}}"},
    {"  v: ! \"5\"\n", "{\"v\":\"5\"}"},
    {"  v: !!set {b}\n", "{\"v\":{\"b\":\"\"}}"},
    {"  v: !!map {b: 1}\n", "{\"v\":{\"b\":1}}"},
    {"  v: !!seq [1]\n", "{\"v\":[1]}"},
    {"  v: !!map [1]\n", "{\"v\":[1]}"},
    {"  v: !!seq {a: 1}\n", "{\"v\":{\"a\":1}}"},
    {"  v: !custom {a: 1}\n", "{\"v\":{\"a\":1}}"},
    {"  v: !custom [1]\n", "{\"v\":[1]}"},
    {"  v: !!omap [a: 1]\n", "{\"v\":[{\"a\":1}]}"},
    {"  v: !!str {a: 1}\n", "{\"v\":{\"a\":1}}"},
    {"  v: !!str [1]\n", "{\"v\":[1]}"},
    {"  v: !!int {a: 1}\n", "{\"v\":{\"a\":1}}"},
    {"  v: !!bool\n", NULL},
    {"  v: !!str\n", "{\"v\":\"\"}"},
    {"  v: !!int\n", NULL},
    {"  v: !!str ~\n", "{\"v\":\"~\"}"},
    {"  v: !!binary\n", "{\"v\":\"\"}"},
    {"  v: !!float 0x10\n", "{\"v\":16}"},
    {"  v: !!float \"1.5\"\n", "{\"v\":1.5}"},
    {"  v: !!int 0b11\n", "{\"v\":3}"},
    {"  v: !!int 1_000\n", "{\"v\":1000}"},
    {"  v: !!float .inf\n", NULL},
    {"  v: !!bool True\n", "{\"v\":true}"},
    {"  v: !!int \"\"\n", NULL},
    {"  !!str 5: a\n", "{\"5\":\"a\"}"},
    {"  !!int 5: a\n", NULL},
    {"  !!int \"5\": a\n", NULL},
    {"  v: \"\\ud800\"\n", NULL},
    {"  v: a\302\205b\n", NULL},
    {"  v: a\342\200\250b\n", NULL},
    {"  v: \"\\u2028\"\n", "{\"v\":\"\\u2028\"}"},
    {"  v: 'a\n\n    b'\n", "{\"v\":\"a\\nb\"}"},
    {"  v: >\n    a\n    b\n\n    c\n", "{\"v\":\"a b\\nc\\n\"}"},
    {"  v: |2\n      a\n", "{\"v\":\"  a\\n\"}"},
    {"  v: |+\n    a\n\n", "{\"v\":\"a\\n\\n\"}"},
    {"  v: 2001-12-14 21:59:43\n", "{\"v\":\"2001-12-14T21:59:43Z\"}"},
    {"  v: 2001-12-14 21:59:43.100\n", "{\"v\":\"2001-12-14T21:59:43.1Z\"}"},
    {"  v: 2001-12-14T21:59:43Z\n", "{\"v\":\"2001-12-14T21:59:43Z\"}"},
    {"  v: 2001-12-14t21:59:43.5Z\n", "{\"v\":\"2001-12-14T21:59:43.5Z\"}"},
    {"  v: 2001-12-14T21:59:43\n", "{\"v\":\"2001-12-14T21:59:43\"}"},
    {"  v: 2001-12-14T21:59:43.123456789+05:30\n", "{\"v\":\"2001-12-14T21:59:43.123456789+05:30\"}"},
    {"  v: 2001-12-14T21:59:43.1234567891Z\n", "{\"v\":\"2001-12-14T21:59:43.123456789Z\"}"},
    {"  v: 2001-1-2\n", "{\"v\":\"2001-01-02T00:00:00Z\"}"},
    {"  v: 2001-2-29\n", "{\"v\":\"2001-2-29\"}"},
    {"  v: 2004-2-29\n", "{\"v\":\"2004-02-29T00:00:00Z\"}"},
    {"  v: 2001-12-14T24:00:00Z\n", "{\"v\":\"2001-12-14T24:00:00Z\"}"},
    {"  v: 2001-12-14T1:2:3Z\n", "{\"v\":\"2001-12-14T01:02:03Z\"}"},
    {"  v: 2001-12-14T01:02:60Z\n", "{\"v\":\"2001-12-14T01:02:60Z\"}"},
    {"  v: 0000-01-01\n", "{\"v\":\"0000-01-01T00:00:00Z\"}"},
    {"  v: 2001-12-14T01:02:03+24:00\n", NULL},
    {"  v: 2001-12-14T01:02:03+00:00\n", "{\"v\":\"2001-12-14T01:02:03Z\"}"},
    {"  v: 2001-12-14T01:02:03-00:00\n", "{\"v\":\"2001-12-14T01:02:03Z\"}"},
    {"  v: 2001-12-14T01:02:03+0530\n", "{\"v\":\"2001-12-14T01:02:03+0530\"}"},
    {"  v: 2001-12-14T01:02:03+05:60\n", "{\"v\":\"2001-12-14T01:02:03+06:00\"}"},
    {"  v: 2001-12-14 01:02:03Z\n", "{\"v\":\"2001-12-14 01:02:03Z\"}"},
    {"  v: 2001-12-14 1:2:3.5\n", "{\"v\":\"2001-12-14T01:02:03.5Z\"}"},
    {"  v: 2001-012-14\n", "{\"v\":\"2001-012-14\"}"},
    {"  v: 2001-0-14\n", "{\"v\":\"2001-0-14\"}"},
    {"  v: 2001-00-14\n", "{\"v\":\"2001-00-14\"}"},
    {"  v: 20010-12-14\n", "{\"v\":\"20010-12-14\"}"},
    {"  v: 2001-12-14T01:02:03,5Z\n", "{\"v\":\"2001-12-14T01:02:03.5Z\"}"},
    {"  v: 2001-12-14 01:02:03,5\n", "{\"v\":\"2001-12-14T01:02:03.5Z\"}"},
    {"  v: 2001-12-14T01:02:03.Z\n", "{\"v\":\"2001-12-14T01:02:03.Z\"}"},
    {"  2001-12-14: b\n", NULL},
    {"  v: !!timestamp \"2001-12-14\"\n", "{\"v\":\"2001-12-14T00:00:00Z\"}"},
    {"  v: \"2001-12-14\"\n", "{\"v\":\"2001-12-14\"}"},
    {"  v: -0.0\n", "{\"v\":0}"},
    {"  v: 0.0\n", "{\"v\":0}"},
    {"  v: 9007199254740993.0\n", "{\"v\":9007199254740992}"},
    {"  v: 1e18\n", "{\"v\":1000000000000000000}"},
    {"  v: 9223372036854775807.0\n", "{\"v\":9.223372036854776e+18}"},
    {"  v: -1e19\n", "{\"v\":-1e+19}"},
    {"  v: .1_\n", "{\"v\":\".1_\"}"},
    {"  v: .1__0\n", "{\"v\":\".1__0\"}"},
    {"  v: .e1\n", "{\"v\":\".e1\"}"},
    {"  v: .5e1\n", "{\"v\":5}"},
    {"  v: +.5e1\n", "{\"v\":5}"},
    {"  v: -1_000.5e1_0\n", "{\"v\":-10005000000000}"},
    {"  v: 1_._5\n", "{\"v\":1.5}"},
    {"  v: 1._5\n", "{\"v\":1.5}"},
    {"  v: 1e_5\n", "{\"v\":100000}"},
    {"  v: 1e5_\n", "{\"v\":100000}"},
    {"  v: 0b1_1\n", "{\"v\":3}"},
    {"  v: 0_b11\n", "{\"v\":3}"},
    {"  v: 0o1_1\n", "{\"v\":9}"},
    {"  v: -0o1_1\n", "{\"v\":-9}"},
    {"  v: +0o11\n", "{\"v\":9}"},
    {"  v: +0b11\n", "{\"v\":3}"},
    {"  v: 0b-11\n", "{\"v\":-3}"},
    {"  v: 0b+11\n", "{\"v\":3}"},
    {"  v: 0o-17\n", "{\"v\":-15}"},
    {"  v: 0o+17\n", "{\"v\":15}"},
    {"  v: -0b-11\n", "{\"v\":\"-0b-11\"}"},
    {"  v: 0x-1\n", "{\"v\":\"0x-1\"}"},
    {"  v: 0xffffffffffffffffff\n", "{\"v\":\"0xffffffffffffffffff\"}"},
    {"  v: 0b111111111111111111111111111111111111111111111111111111111111111\n", "{\"v\":9223372036854775807}"},
    {"  v: 0b1111111111111111111111111111111111111111111111111111111111111111\n", "{\"v\":1.8446744073709552e+19}"},
    {"  v: -0x8000000000000000\n", "{\"v\":-9223372036854775808}"},
    {"  v: 02000000000000000000000\n", "{\"v\":2e+21}"},
    {"  v: 08888888888888888888888\n", "{\"v\":8.888888888888889e+21}"},
    {"  v: 1e309\n", "{\"v\":\"1e309\"}"},
    {"  v: 1e-400\n", "{\"v\":0}"},
    {"  v: 4.9e-324\n", "{\"v\":5e-324}"},
    {"  v: \ttab\n", "{\"v\":\"tab\"}"},
    {"  v: a\tb\n", "{\"v\":\"a\\tb\"}"},
    {"  v: 1 \n", "{\"v\":1}"},
    {"  v: 1 # c\n", "{\"v\":1}"},
    {"  v: -\n", NULL},
    {"  v: [a, , b]\n", NULL},
    {"  v: [a b, c]\n", "{\"v\":[\"a b\",\"c\"]}"},
    {"  v: {a, b: 1}\n", "{\"v\":{\"a\":\"\",\"b\":1}}"},
    {"  v: {a: }\n", "{\"v\":{\"a\":\"\"}}"},
    {"  v: [~, null, ]\n", "{\"v\":[null,null]}"},
    {"  v: ?\n", NULL},
    {"  v: x: y\n", NULL},
    {"  v: [a: 1]\n", "{\"v\":[{\"a\":1}]}"},
    {"  v: '1'\n  w: \"\\x41\"\n", "{\"v\":\"1\",\"w\":\"A\"}"},
    {"  v: \"a\n    b\"\n", "{\"v\":\"a b\"}"},
    {"  v: @a\n", NULL},
    {"  v: `a\n", NULL},
    {"  v: %a\n", NULL},
    {"  v: &a\n", "{\"v\":null}"},
    {"  v: *\n", NULL},
    {"  v: !\n", "{\"v\":null}"},
    {"  v: .inf\n  \n", NULL},
    {"  v: -.Inf\n", NULL},
    {"  .inf: a\n", NULL},
    {"  .nan: a\n", NULL},
    {"  -0: a\n", NULL},
    {"  1.0: a\n", NULL},
    {"  !!binary aGk=: a\n", NULL},
    {"  v:\n", "{\"v\":null}"},
    {"  v: {a: ~}\n", "{\"v\":{\"a\":null}}"},
    {"  v: {a: null}\n", "{\"v\":{\"a\":null}}"},
    {"  v: {a: {b: }}\n", "{\"v\":{\"a\":{\"b\":\"\"}}}"},
    {"  v: [a: ]\n", "{\"v\":[{\"a\":\"\"}]}"},
    {"  v: {: a}\n", NULL},
    {"  v: {? a : }\n", "{\"v\":{\"a\":\"\"}}"},
    {"  v: {a: !!null }\n", "{\"v\":{\"a\":null}}"},
    {"  v: {a: &x }\n", "{\"v\":{\"a\":\"\"}}"},
    {"  v: [{a: }, {b: 1}]\n", "{\"v\":[{\"a\":\"\"},{\"b\":1}]}"},
    {"  v:\n  - \n  - a\n", "{\"v\":[null,\"a\"]}"},
    {"  v: {a: !!str }\n", "{\"v\":{\"a\":\"\"}}"},
    {"  v: {\n   a:\n  }\n", "{\"v\":{\"a\":\"\"}}"},
    {"  a: &x {p: 1}\n  b:\n    <<: [*x, {q: 1}]\n", "{\"a\":{\"p\":1},\"b\":{\"p\":1,\"q\":1}}"},
    {"  a: &x {p: 1}\n  b:\n    <<: []\n    c: 1\n", "{\"a\":{\"p\":1},\"b\":{\"c\":1}}"},
    {"  a: &x {p: 1}\n  b:\n    <<: {}\n    c: 1\n", "{\"a\":{\"p\":1},\"b\":{\"c\":1}}"},
    {"  a: &x {p: &y {z: 1}}\n  b:\n    <<: *x\n  c: *y\n", "{\"a\":{\"p\":{\"z\":1}},\"b\":{\"p\":{\"z\":1}},\"c\":{\"z\":1}}"},
    {"  a: &x {p: 1}\n  d: &w\n    <<: *x\n    k: 2\n  b:\n    <<: *w\n",
     "{\"a\":{\"p\":1},\"b\":{\"k\":2,\"p\":1},\"d\":{\"k\":2,\"p\":1}}"},
    {"  a: &x {p: 1}\n  b: {<<: *x, q: 2}\n", "{\"a\":{\"p\":1},\"b\":{\"p\":1,\"q\":2}}"},
    {"  a: &x {p: 1}\n  b: [<<: *x]\n", "{\"a\":{\"p\":1},\"b\":[{\"p\":1}]}"},
    {"  a: &x\n    p: 1\n    p2: *x\n", NULL},
    {"  b:\n    ! <<: {a: 1}\n", "{\"b\":{\"a\":1}}"},
    {"  a: &x [1]\n  b: *x\n  c: [*x, *x]\n", "{\"a\":[1],\"b\":[1],\"c\":[[1],[1]]}"},
    {"  a: &x {p: 1}\n  y: &y {<<: *x, q: 1}\n  b:\n   <<: [*y]\n   q: 3\n",
     "{\"a\":{\"p\":1},\"b\":{\"p\":1,\"q\":3},\"y\":{\"p\":1,\"q\":1}}"},
    {"  # comment only\n", "null"},
    {"  'a b': 1\n  \"c\\td\": 2\n", "{\"a b\":1,\"c\\td\":2}"},
    {"  v: a\302\240b\n", "{\"v\":\"a\\u00a0b\"}"},
    {"  v: \360\237\230\200\n", "{\"v\":\"\\ud83d\\ude00\"}"},
    {"  v: \"\\U0001F600\"\n", "{\"v\":\"\\ud83d\\ude00\"}"},
    {"  v: \177\n", NULL},
    {"  v: \001\n", NULL},
    {"  v: \357\277\276\n", NULL},
    {"  v: a\357\273\277b\n", "{\"v\":\"a\\ufeffb\"}"},
    {"  v: ''''\n", "{\"v\":\"'\"}"},
    {"  v: \"\\/\"\n", NULL},
    {"\tv: 1\n", NULL},
    {"  v:\t1\n", "{\"v\":1}"},
    {"  v: |\n\t a\n", NULL},
    {"  v: !!int ~\n", NULL},
    {"  v: !!null\n", "{\"v\":null}"},
    {"  v: !!null null\n", "{\"v\":null}"},
    {"  !!bool true: a\n", NULL},
    {"  ! 5: a\n", NULL},
    {"  !foo 5: a\n", NULL},
    {"  yes: 1\n  \"yes\": 2\n", NULL},
    {"  a: &k 5\n  *k : 1\n", NULL},
    {"  a: &k {x: 1}\n  *k : 1\n", NULL},
    {"  v: !!str yes\n", "{\"v\":\"yes\"}"},
    {"  v: !!bool false\n", "{\"v\":false}"},
    {"  v: !!int \"0x1F\"\n", "{\"v\":31}"},
    {"  v: !!float \"abc\"\n", NULL},
    {"  v: !!timestamp 5\n", NULL},
    {"  v: !!binary |\n    aGVs\n    bG8=\n", "{\"v\":\"hello\"}"},
    {"  v: !!binary aGVsbG8\n", NULL},
    {"  v: !!binary ' aGVsbG8='\n", NULL},
    {"  v: !!binary 5\n", NULL},
};

TEST("a text is read as what reaches the cluster of it")
{
    for (size_t i = 0; i < sizeof ANSWERS / sizeof *ANSWERS; i++) {
        cat_test_row("%s", ANSWERS[i].yaml);
        cat_autojson json_t *read = NULL, *wanted = NULL;
        cat_error error = {0};
        cat_autofree char *text = cat_printf("spec:\n%s", ANSWERS[i].yaml);
        int code = cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &read, NULL, &error);
        if (!ANSWERS[i].json) {
            EXPECT_INT(code, CAT_E_INVALID);
            EXPECT(strncmp(error.message, "line ", 5) == 0);
            continue;
        }
        if (code < 0) {
            cat_test_fail(__FILE__, __LINE__, "%s", error.message);
            continue;
        }
        cat_autofree char *document = cat_printf("{\"spec\":%s}", ANSWERS[i].json);
        REQUIRE(cat_json_parse(document, strlen(document), &CAT_JSON_CAPS, &wanted, NULL) == 0);
        cat_autofree char *shown = cat_json_format(read);
        if (!json_equal(read, wanted))
            cat_test_fail(__FILE__, __LINE__, "read %s, wanted %s", shown, document);
    }
}

/* --- made-up scalars, told apart by regular expressions --- */

/* Each expression is compiled once. */
static bool looks_like(const char *text, const char *expression)
{
    static struct {
        const char *expression;
        regex_t compiled;
    } known[16];
    size_t at = 0;
    while (known[at].expression && known[at].expression != expression)
        at++;
    if (!known[at].expression && regcomp(&known[at].compiled, expression, REG_EXTENDED | REG_NOSUB) != 0)
        abort();
    known[at].expression = expression;
    return regexec(&known[at].compiled, text, 0, NULL, 0) == 0;
}

static void squeeze(const char *from, char *to)
{
    for (; *from; from++)
        if (*from != '_')
            *to++ = *from;
    *to = '\0';
}

/* Whether a scalar of few characters is a number, and which. */
static bool reference(const char *text, double *number)
{
    char plain[40], *digits = plain;
    squeeze(text, plain);
    if (*text == '.')
        return looks_like(text, "^\\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$") && ((*number = strtod(plain, NULL)), true);
    if (!strchr("+-0123456789", *text))
        return false;
    double sign = *digits == '-' ? -1 : 1;
    if (looks_like(plain, "^[-+]?0[bB][01]+$"))
        return *number = sign * (double)strtoull(digits + (strchr("+-", *digits) ? 3 : 2), NULL, 2), true;
    if (looks_like(plain, "^0b[-+][01]+$"))
        return *number = (double)strtoll(plain + 2, NULL, 2), true;
    if (looks_like(plain, "^0o[-+][0-7]+$"))
        return *number = (double)strtoll(plain + 2, NULL, 8), true;
    if (looks_like(plain, "^[-+]?0[oO][0-7]+$"))
        return *number = sign * (double)strtoull(digits + (strchr("+-", *digits) ? 3 : 2), NULL, 8), true;
    if (looks_like(plain, "^[-+]?0[xX][0-9a-fA-F]+$"))
        return *number = sign * (double)strtoull(digits + (strchr("+-", *digits) ? 3 : 2), NULL, 16), true;
    if (looks_like(plain, "^[-+]?0[0-7]+$"))
        return *number = (double)strtoll(plain, NULL, 8), true;
    if (looks_like(plain, "^[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?$"))
        return *number = strtod(plain, NULL), isfinite(*number);
    return false;
}

static uint64_t state = 20261129;
static unsigned any(unsigned below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

TEST("what looks like a number is one exactly where the reference says so")
{
    static const char *const PARTS[] = {"0", "1", "7",  "8",  "9",  "12", "_", "_", ".", "e", "E",
                                        "+", "-", "0b", "0o", "0x", "f",  "B", "X", "O", ":"};
    unsigned numbers = 0;
    for (int i = 0; i < 10000; i++) {
        char scalar[40] = "";
        for (unsigned n = 1 + any(5); n > 0; n--)
            strcat(scalar, PARTS[any(sizeof PARTS / sizeof *PARTS)]);
        if (strchr(scalar, ':') || looks_like(scalar, "^-$|^[0-9]{4}-"))
            continue;
        cat_test_row("%s", scalar);
        double wanted = 0;
        bool is_number = reference(scalar, &wanted);
        cat_autojson json_t *read = NULL;
        cat_autofree char *text = cat_printf("[%s]", scalar);
        REQUIRE(cat_yaml_parse(text, strlen(text), &CAT_YAML_CAPS, &read, NULL, NULL) == 0);
        const json_t *value = json_array_get(read, 0);
        EXPECT_INT(json_is_number(value), is_number);
        if (is_number && json_is_number(value))
            EXPECT(json_number_value(value) == wanted);
        else
            EXPECT_TEXT(json_string_value(value), scalar);
        numbers += is_number;
    }
    EXPECT(numbers > 1000);
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
