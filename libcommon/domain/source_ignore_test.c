#include "domain/source_ignore.h"

#include "base/memory.h"
#include "base/test.h"

/* What github.com/fluxcd/pkg/sourceignore/gitignore 0.18 leaves out of these paths for these patterns. */
static const char *const PATHS[] = {"a",       "b",     "c",     "a.yaml",   "a/b",        "a/b.yaml",   "a/c/b",
                                    "a/b/c",   "b/a",   "b/a/b", "c/a/b/d",  "x/a/b.yaml", "x\303\251y", "x1y",
                                    "!a",      "#x",    "*",     "\303\251", "b ",         "kn.yaml",    "abc",
                                    "a/x/y/b", "c/b/c", "]",     "-",        "a\\"};
static const struct {
    const char *patterns, *left_out;
} ANSWERS[] = {
    {"*.yaml", "a.yaml\na/b.yaml\nx/a/b.yaml\nkn.yaml"},
    {"a", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b"},
    {"a/", "a/b\na/b.yaml\na/c/b\na/b/c\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b"},
    {"/a", "a\na/b\na/b.yaml\na/c/b\na/b/c\na/x/y/b"},
    {"a/b", "a/b\na/b/c"},
    {"a/*", "a/b\na/b.yaml\na/c/b\na/b/c\na/x/y/b"},
    {"a/**", "a\na/b\na/b.yaml\na/c/b\na/b/c\na/x/y/b"},
    {"**/b", "b\na/b\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\na/x/y/b\nc/b/c"},
    {"**/a/b", "a/b\na/b/c\nb/a/b\nc/a/b/d"},
    {"a/**/b", "a/b\na/c/b\na/b/c\na/x/y/b"},
    {"!a", ""},
    {"!b", ""},
    {"!a/b.yaml", ""},
    {"x?y", "x\303\251y\nx1y"},
    {"[a-c]", "a\nb\nc\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\nc/b/c"},
    {"[^a]", "b\nc\na/b\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n*\n\303\251\na/x/y/b\nc/b/c\n]\n-"},
    {"\\!a", "!a"},
    {"\\#x", "#x"},
    {"a\\", ""},
    {"[a", ""},
    {"a**", "a\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nabc\na/x/y/b\na\\"},
    {"a/**b", ""},
    {"**", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
           "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"/", ""},
    {"*", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
          "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"/*", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
           "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"!/*.yaml", ""},
    {"b ", "b\na/b\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\na/x/y/b\nc/b/c"},
    {"b\\ ", "b "},
    {"a/b/", "a/b/c"},
    {"**/", "a/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\nc/b/c"},
    {"!**/c", ""},
    {"a//b", "a/b\na/b/c"},
    {"[]a]", ""},
    {"*.y*l", "a.yaml\na/b.yaml\nx/a/b.yaml\nkn.yaml"},
    {"?", "a\nb\nc\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n*\n\303\251\na/x/y/b\nc/b/c\n]\n-"},
    {"\\*", "*"},
    {"\303\251", "\303\251"},
    {"[\303\251]", "\303\251"},
    {"c/**/", "c/a/b/d\nc/b/c"},
    {"/**/b", "b\na/b\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\na/x/y/b\nc/b/c"},
    {"a/**/**/b", "a/b\na/c/b\na/b/c\na/x/y/b"},
    {"k*n.yaml", "kn.yaml"},
    {"/a/", "a/b\na/b.yaml\na/c/b\na/b/c\na/x/y/b"},
    {"!/a/b", ""},
    {"/*/", "a/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\nc/b/c"},
    {"b/*.yaml", ""},
    {"**/*.yaml", "a.yaml\na/b.yaml\nx/a/b.yaml\nkn.yaml"},
    {"a*c*", "abc"},
    {"[a-]", ""},
    {"[a\\]]", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\n]"},
    {"**/b/c", "a/b/c\nc/b/c"},
    {"!c/", ""},
    {"\\#x\nx?y", "x\303\251y\nx1y\n#x"},
    {"*.yaml\na\\\n\\*", "a.yaml\na/b.yaml\nx/a/b.yaml\n*\nkn.yaml"},
    {"a\na*c*", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nabc\na/x/y/b"},
    {"!b\n**/\n!b\n!a/b.yaml", "x/a/b.yaml"},
    {"a/**\n**/b", "a\nb\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\na/x/y/b\nc/b/c"},
    {"[a\\]]\n\\*", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n*\na/x/y/b\n]"},
    {"**/*.yaml\n\\#x\n**/", "a.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n#x\nkn.yaml\na/x/y/b\nc/b/c"},
    {"a/b/\n\303\251\nb/*.yaml", "a/b/c\n\303\251"},
    {"!b\nb/*.yaml\n!b", ""},
    {"[a\n!**/c\n/**/b", "b\na/b\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\na/x/y/b\nc/b/c"},
    {"\\*\n[a-]", "*"},
    {"\303\251\n!/*.yaml\nb\\ \nb/*.yaml", "\303\251\nb "},
    {"[a\\]]\n\\*", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n*\na/x/y/b\n]"},
    {"a/**/b\n!**/c\n[a\n[a\\]]", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\n]"},
    {"**/b/c\na**\na/**/b\n\\#x",
     "a\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n#x\nabc\na/x/y/b\nc/b/c\na\\"},
    {"!b\nb\\ \na/*", "a/b\na/b.yaml\na/c/b\na/b/c\nb \na/x/y/b"},
    {"*.yaml\n!/*.yaml", "a/b.yaml\nx/a/b.yaml"},
    {"**/a/b\n\303\251", "a/b\na/b/c\nb/a/b\nc/a/b/d\n\303\251"},
    {"[\303\251]\n[]a]", "\303\251"},
    {"a/**/**/b\n**/*.yaml\n**/",
     "a.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nkn.yaml\na/x/y/b\nc/b/c"},
    {"*\n\303\251\n/", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                       "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"!/a/b\n[]a]\n**/*.yaml", "a.yaml\na/b.yaml\nx/a/b.yaml\nkn.yaml"},
    {"[a\\]]\na**", "a\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nabc\na/x/y/b\n]\na\\"},
    {"b/*.yaml\nk*n.yaml\na", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nkn.yaml\na/x/y/b"},
    {"?\n*.yaml\n/a\na**", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                           "b.yaml\n*\n\303\251\nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"k*n.yaml\n\\*", "*\nkn.yaml"},
    {"x?y\n**/b/c\na/**/b\n[a-]", "a/b\na/c/b\na/b/c\nx\303\251y\nx1y\na/x/y/b\nc/b/c"},
    {"/\na/*\n**/a/b\na/**", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a/b\nc/a/b/d\na/x/y/b"},
    {"*.yaml\na\na/", "a\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nkn.yaml\na/x/y/b"},
    {"/a\n!**/c", "a\na/b\na/b.yaml\na/x/y/b"},
    {"[a\\]]\na/**/b", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\n]"},
    {"**/b\n[a-c]\na/*\n**/a/b", "a\nb\nc\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\nc/b/c"},
    {"a/**/b\na/**\na/b\na/*", "a\na/b\na/b.yaml\na/c/b\na/b/c\na/x/y/b"},
    {"/a\n!b\na/**/**/b\nc/**/", "a\na/b\na/b.yaml\na/c/b\na/b/c\nc/a/b/d\na/x/y/b\nc/b/c"},
    {"!c/\n[a\\]]", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\n]"},
    {"\\!a\n!c/", "!a"},
    {"/a/\n**/", "a/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\nc/b/c"},
    {"[a-c]\n[^a]\n!a/b.yaml\n!b", "a\nc\nx/a/b.yaml\n*\n\303\251\n]\n-"},
    {"/**/b\n[\303\251]\n**/a/b", "b\na/b\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\n\303\251\na/x/y/b\nc/b/c"},
    {"[a-]\na\na/b", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b"},
    {"[^a]\n\\!a\na/**/**/b", "b\nc\na/b\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n!a\n*\n\303\251\na/x/y/b\nc/b/c\n]\n-"},
    {"c/**/\na/*\na/b", "a/b\na/b.yaml\na/c/b\na/b/c\nc/a/b/d\na/x/y/b\nc/b/c"},
    {"c/**/\n/*", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                  "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"b/*.yaml\na*c*\n\\*\n**", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                                "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"/*\n\\#x\n!/*.yaml\n\\#x", "a\nb\nc\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                                 "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"a/**\na/**/b\n!a/b.yaml", "a\na/b\na/c/b\na/b/c\na/x/y/b"},
    {"[a-c]\n/**/b\n**/b\n!c/", "a\nb\nc\na/b\na/b.yaml\na/b/c\nb/a\nb/a/b\nx/a/b.yaml\na/x/y/b"},
    {"**/*.yaml\n*.y*l\n/a\na/**/**/b", "a\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nx/a/b.yaml\nkn.yaml\na/x/y/b"},
    {"**/b/c\n[a\n/a/\n/*", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                            "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"!/*.yaml\n**/", "a/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\nc/b/c"},
    {"k*n.yaml\na//b\nb/*.yaml\n**/b/c", "a/b\na/b/c\nkn.yaml\nc/b/c"},
    {"/a/\n!/*.yaml\n!/*.yaml\n[a\\]]", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\n]"},
    {"!b\na\\\n*.yaml\na/**", "a\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nx/a/b.yaml\nkn.yaml\na/x/y/b"},
    {"/**/b\n/*", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                  "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"**/\n/**/b\n[a\n*.yaml",
     "b\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nkn.yaml\na/x/y/b\nc/b/c"},
    {"\\!a\n!a", "!a"},
    {"**/b\nb/*.yaml", "b\na/b\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\na/x/y/b\nc/b/c"},
    {"**/b\n**/*.yaml\n*.y*l",
     "b\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nkn.yaml\na/x/y/b\nc/b/c"},
    {"\\*\nb/*.yaml\n?",
     "a\nb\nc\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n*\n\303\251\na/x/y/b\nc/b/c\n]\n-"},
    {"\\#x\n**/*.yaml", "a.yaml\na/b.yaml\nx/a/b.yaml\n#x\nkn.yaml"},
    {"a/*\n**/\n!**/c", "a/b\na/b.yaml\nb/a\nb/a/b\nx/a/b.yaml\na/x/y/b"},
    {"/**/b\n[]a]\nk*n.yaml", "b\na/b\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nkn.yaml\na/x/y/b\nc/b/c"},
    {"[]a]\n[^a]\n[a-c]\nk*n.yaml",
     "a\nb\nc\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n*\n\303\251\nkn.yaml\na/x/y/b\nc/b/c\n]\n-"},
    {"a/\n!a\na/**b", ""},
    {"/\n!**/c\na", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b"},
    {"[\303\251]\n!a/b.yaml\nb\\ ", "\303\251\nb "},
    {"k*n.yaml\n!**/c\n/**/b", "b\na/b\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nkn.yaml\na/x/y/b\nc/b/c"},
    {"a/**\n/*\n/**/b", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                        "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"[^a]\n[]a]\n**/", "b\nc\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n*\n\303\251\na/x/y/b\nc/b/c\n]\n-"},
    {"*\n**/b\na/b/\nc/**/", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                             "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"/\n/a", "a\na/b\na/b.yaml\na/c/b\na/b/c\na/x/y/b"},
    {"a/**/**/b\n/", "a/b\na/c/b\na/b/c\na/x/y/b"},
    {"!c/\n!/*.yaml\n**/b/c\n!/a/b", "c/b/c"},
    {"a/*\nb \n\\#x", "b\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\n#x\na/x/y/b\nc/b/c"},
    {"*.yaml\na/**", "a\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nx/a/b.yaml\nkn.yaml\na/x/y/b"},
    {"?\nx?y\n[\303\251]\n**/",
     "a\nb\nc\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nx\303\251y\nx1y\n*\n\303\251\na/x/y/b\nc/b/c\n]\n-"},
    {"[a\\]]\n/*", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                   "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"*.y*l\na/**b", "a.yaml\na/b.yaml\nx/a/b.yaml\nkn.yaml"},
    {"!a\nb/*.yaml\n*.y*l", "a.yaml\na/b.yaml\nx/a/b.yaml\nkn.yaml"},
    {"!a/b.yaml\n/*/", "a/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\nc/b/c"},
    {"!b\n/\n!c/\na/**/**/b", "a/b\na/c/b\na/b/c\na/x/y/b"},
    {"x?y\na/b/", "a/b/c\nx\303\251y\nx1y"},
    {"*.yaml\n\\#x\n*.yaml\na/*", "a.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nx/a/b.yaml\n#x\nkn.yaml\na/x/y/b"},
    {"/*/\na/**/b\nb\\ ", "a/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nb \na/x/y/b\nc/b/c"},
    {"k*n.yaml\n!/a/b", "kn.yaml"},
    {"*.yaml\n*.yaml", "a.yaml\na/b.yaml\nx/a/b.yaml\nkn.yaml"},
    {"*.y*l\na/*\n[a\\]]", "a\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nkn.yaml\na/x/y/b\n]"},
    {"?\na/", "a\nb\nc\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\n*\n\303\251\na/x/y/b\nc/b/c\n]\n-"},
    {"a/b\na", "a\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b"},
    {"b \nc/**/\n**/b/c\na**",
     "a\nb\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nabc\na/x/y/b\nc/b/c\na\\"},
    {"**\n[a-c]", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                  "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"a/b/\nb\\ ", "a/b/c\nb "},
    {"*\n[a-]\n!**/c\n[a", "a\nb\na.yaml\na/b\na/b.yaml\nb/a\nb/a/b\nx/a/b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb "
                           "\nkn.yaml\nabc\na/x/y/b\n]\n-\na\\"},
    {"**/*.yaml\na*c*\n*.y*l\n/*", "a\nb\nc\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/"
                                   "b.yaml\nx\303\251y\nx1y\n!a\n#x\n*\n\303\251\nb \nkn.yaml\nabc\na/x/y/b\nc/b/c\n]\n-\na\\"},
    {"a/**/**/b\n**/b\na", "a\nb\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\na/x/y/b\nc/b/c"},
    {"a//b\n/a/", "a/b\na/b.yaml\na/c/b\na/b/c\na/x/y/b"},
    {"**/a/b\na/**/**/b\na/b/", "a/b\na/c/b\na/b/c\nb/a/b\nc/a/b/d\na/x/y/b"},
    {"b/*.yaml\na\\\n\303\251\na\\", "\303\251"},
    {"b \n**/a/b\na**\na\\",
     "a\nb\na.yaml\na/b\na/b.yaml\na/c/b\na/b/c\nb/a\nb/a/b\nc/a/b/d\nx/a/b.yaml\nabc\na/x/y/b\nc/b/c\na\\"},
    {"[a-]\n!/*.yaml", ""},
};

static json_t *files_of(const char *const *paths, size_t count)
{
    json_t *files = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(files, paths[i], json_string("x"));
    return files;
}

TEST("patterns leave out what Flux leaves out")
{
    for (size_t i = 0; i < sizeof ANSWERS / sizeof *ANSWERS; i++) {
        cat_test_row("%s", ANSWERS[i].patterns);
        cat_autojson json_t *files = files_of(PATHS, sizeof PATHS / sizeof *PATHS);
        json_object_set_new(files, ".sourceignore", json_string(ANSWERS[i].patterns));
        cat_autojson json_t *kept = cat_source_ignore_filter(files, NULL);
        cat_auto(cat_string) left_out = CAT_STRING(4096);
        for (size_t at = 0; at < sizeof PATHS / sizeof *PATHS; at++)
            if (!json_object_get(kept, PATHS[at]))
                cat_string_appendf(&left_out, "%s%s", left_out.length ? "\n" : "", PATHS[at]);
        EXPECT_TEXT(cat_string_get(&left_out), ANSWERS[i].left_out);
    }
}

TEST("without patterns, pictures, archives and the files of build servers are left out; with any, those of Git alone")
{
    static const char *const FILES[] = {"a.yaml",          "a.png",      "b/c.tar.gz",    ".github/x.yaml", "b/.sops.yaml",
                                        "cloudbuild.yaml", ".gitignore", "b/.gitmodules", ".flux.yaml",     "values.yaml"};
    cat_autojson json_t *files = files_of(FILES, sizeof FILES / sizeof *FILES);
    cat_autojson json_t *kept = cat_source_ignore_filter(files, NULL);
    EXPECT_INT(json_object_size(kept), 2);
    json_object_set_new(files, "b/.sourceignore", json_string("# nothing\r\n\r\n"));
    cat_autojson json_t *same = cat_source_ignore_filter(files, NULL);
    EXPECT_INT(json_object_size(same), 3);
    json_object_set_new(files, "b/.sourceignore", json_string("/values.yaml\r\n"));
    cat_autojson json_t *own = cat_source_ignore_filter(files, NULL);
    EXPECT_INT(json_object_size(own), 9);
    EXPECT(json_object_get(own, "values.yaml") && !json_object_get(own, ".gitignore") && json_object_get(own, "a.png"));
}

TEST("a folder's patterns are for what is in it, and come after those of the folders above")
{
    static const char *const FILES[] = {"x.yaml", "a/x.yaml", "a/b/x.yaml", "ab/x.yaml"};
    cat_autojson json_t *files = files_of(FILES, sizeof FILES / sizeof *FILES);
    json_object_set_new(files, "a/b/.sourceignore", json_string("!x.yaml"));
    json_object_set_new(files, "a/.sourceignore", json_string("x.yaml"));
    json_object_set_new(files, ".sourceignore", json_string("*.md"));
    cat_autojson json_t *kept = cat_source_ignore_filter(files, NULL);
    EXPECT(json_object_get(kept, "x.yaml") && !json_object_get(kept, "a/x.yaml"));
    EXPECT(json_object_get(kept, "a/b/x.yaml") && json_object_get(kept, "ab/x.yaml"));
}

TEST("patterns that cannot be read are an error, not a guess")
{
    cat_autofree char *large = cat_malloc(CAT_SOURCE_IGNORE_MAX_BYTES + 2);
    memset(large, 'x', CAT_SOURCE_IGNORE_MAX_BYTES + 1);
    large[CAT_SOURCE_IGNORE_MAX_BYTES + 1] = '\0';
    cat_auto(cat_string) many = CAT_STRING(8192);
    for (int i = 0; i < 501; i++)
        cat_string_append(&many, "x\n");
    json_t *texts[] = {json_null(), json_string(large), json_string(cat_string_get(&many))};
    for (size_t i = 0; i < 3; i++) {
        cat_autojson json_t *files = json_object();
        json_object_set_new(files, "a/.sourceignore", texts[i]);
        cat_error error = {0};
        EXPECT(cat_source_ignore_filter(files, &error) == NULL);
        EXPECT(strncmp(error.message, "a/.sourceignore", 15) == 0);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
