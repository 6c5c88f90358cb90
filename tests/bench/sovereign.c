#include "sovereign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/random.h"

#define TOKEN_AGE_MS 240000
#define OPERATION_MS 180000

void bench_require(bool well, const char *what, const cat_error *error)
{
    if (well)
        return;
    fprintf(stderr, "%s%s%s\n", what, error && error->code ? ": " : " failed", error && error->code ? error->message : "");
    exit(1);
}

const char *bench_env(const char *name)
{
    const char *value = getenv(name);
    if (!value || !*value) {
        fprintf(stderr, "%s is not set: this needs the environment file of ./dev up\n", name);
        exit(77);
    }
    return value;
}

double bench_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void bench_sleep_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

cat_http_client *bench_client(void)
{
    static cat_http_client *client;
    if (!client)
        client = cat_http_client_create(NULL);
    return client;
}

static void add_field(cat_string *form, const char *name, const char *value)
{
    cat_string_appendf(form, "%s%s=", form->length ? "&" : "", name);
    cat_percent_encode(form, value);
}

static void add_secret(cat_string *form, const char *name, const char *variable)
{
    cat_error error = {0};
    cat_autofree char *secret = NULL;
    bench_require(cat_file_read_secret(bench_env(variable), &secret, &error) == 0, variable, &error);
    add_field(form, name, secret);
}

static char *sign_in(void)
{
    cat_auto(cat_string) form = CAT_STRING(4096);
    cat_auto(cat_http_answer) answer = {0};
    cat_autojson json_t *body = NULL;
    cat_error error = {0};
    add_field(&form, "grant_type", "password");
    add_field(&form, "client_id", bench_env("CATALYST_TEST_CLIENT_ID"));
    add_secret(&form, "client_secret", "CATALYST_TEST_CLIENT_SECRET");
    add_field(&form, "username", bench_env("CATALYST_TEST_USER_ACME_ORG_DEVELOPER"));
    add_secret(&form, "password", "CATALYST_TEST_PASSWORD_ACME_ORG_DEVELOPER");
    cat_http_call call = {.method = "POST",
                          .url = bench_env("CATALYST_TEST_TOKEN_URL"),
                          .content_type = "application/x-www-form-urlencoded",
                          .body = {form.data, form.length}};
    bench_require(cat_http_send(bench_client(), &call, &answer, &error) == 0 && answer.status == 200, "signing in", &error);
    bench_require(cat_json_parse(answer.body, answer.length, &CAT_JSON_CAPS, &body, &error) == 0, "signing in", &error);
    return cat_strdup(cat_json_text_or(body, "access_token", ""));
}

const char *bench_token(void)
{
    static char *token;
    static double since;
    if (!token || bench_now_ms() - since > TOKEN_AGE_MS) {
        free(token);
        token = sign_in();
        since = bench_now_ms();
    }
    return token;
}

json_t *bench_call(const char *method, const char *path, const json_t *body)
{
    cat_auto(cat_http_answer) answer = {0};
    cat_error error = {0};
    json_t *result = NULL;
    char id[CAT_ID_MAX];
    cat_id_make(cat_clock_system()->wall_ms(cat_clock_system()), id);
    cat_autofree char *url = cat_printf("%s/api/provisioning/v1%s", bench_env("CATALYST_TEST_URL"), path);
    cat_autofree char *key = cat_printf("Idempotency-Key: %s", id);
    cat_autofree char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    const char *headers[] = {key, NULL};
    cat_http_call call = {.method = method,
                          .url = url,
                          .content_type = text ? "application/json" : NULL,
                          .body = cat_slice_of(text),
                          .headers = headers,
                          .bearer = bench_token()};
    bench_require(cat_http_send(bench_client(), &call, &answer, &error) == 0, path, &error);
    if (answer.status / 100 != 2)
        cat_http_error(&answer, path, &error);
    bench_require(answer.status / 100 == 2, path, &error);
    bench_require(cat_json_parse(answer.body, answer.length, &CAT_JSON_CAPS, &result, &error) == 0, path, &error);
    return result;
}

cat_kube *bench_vcluster(void)
{
    cat_error error = {0};
    cat_kube *kube = NULL;
    cat_autofree char *path = cat_printf("%s/clusters/%s-acme/kc/admin.yaml", bench_env("CATALYST_TEST_INSTANCE_DIR"),
                                         bench_env("CATALYST_TEST_HOST_CLUSTER"));
    bench_require(cat_kube_create_from_file(path, &kube, &error) == 0, path, &error);
    return kube;
}

json_t *bench_carry_out(const json_t *wish, int64_t *applied_ms)
{
    cat_autojson json_t *plan = bench_call("POST", "/plans", wish);
    cat_autojson json_t *hash = json_pack("{s:s}", "hash", cat_json_text_or(plan, "hash", ""));
    cat_autofree char *apply = cat_printf("/plans/%s/apply", cat_json_text_or(plan, "id", ""));
    cat_autofree char *path = cat_printf("/operations/%s", cat_json_text_or(plan, "id", ""));
    double end = bench_now_ms() + OPERATION_MS;
    if (applied_ms)
        *applied_ms = cat_clock_system()->wall_ms(cat_clock_system());
    json_t *operation = bench_call("POST", apply, hash);
    while (!cat_text_equal(cat_json_text(operation, "status"), "Succeeded")) {
        bool failed = cat_text_equal(cat_json_text(operation, "status"), "Failed");
        bench_require(!failed && bench_now_ms() < end, cat_json_text_or(operation, "message", "the operation did not end"), NULL);
        json_decref(operation);
        bench_sleep_ms(100);
        operation = bench_call("GET", path, NULL);
    }
    return operation;
}

json_t *bench_install_wish(const char *application)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s}, s:[s], s:{}}", "kind", "install", "application", application, "blueprint",
                     "source", "catalog", "name", "bp-podinfo", "environments", "acme-dev", "config");
}

void bench_uninstall(const char *application)
{
    cat_autojson json_t *wish =
        json_pack("{s:s, s:s, s:s}", "kind", "uninstall", "application", application, "confirm", application);
    json_decref(bench_carry_out(wish, NULL));
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

void bench_print_head(void)
{
    printf("| %-52s | %5s | %9s | %9s | %9s |\n| --- | ---: | ---: | ---: | ---: |\n", "what, in ms", "times", "median", "p99",
           "highest");
}

void bench_print_row(const char *what, double *values, size_t count)
{
    if (count == 0)
        return;
    qsort(values, count, sizeof *values, by_value);
    size_t high = count < 100 ? count - 1 : count * 99 / 100;
    printf("| %-52s | %5zu | %9.1f | %9.1f | %9.1f |\n", what, count, values[count / 2], values[high], values[count - 1]);
    fflush(stdout);
}
