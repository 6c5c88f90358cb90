/* Keycloak's groups as users and teams. */
#include "people.h"

#include "base/memory.h"
#include "base/test.h"
#include "core/plan_organization.h"

TEST("members of groups become users once, teams by what they may do, and subjects by group, sorted, without who is disabled")
{
    static const char text[] =
        "{\"org-developer\":[{\"id\":\"2\",\"username\":\"omar\",\"email\":\"o@x\",\"firstName\":\"Omar\",\"lastName\":\"B\"},"
        "{\"id\":\"1\",\"username\":\"ann\",\"enabled\":true},{\"id\":\"9\",\"username\":\"gone\",\"enabled\":false}],"
        "\"org-admin/prod\":[{\"id\":\"2\",\"username\":\"omar\",\"email\":\"o@x\",\"firstName\":\"Omar\",\"lastName\":\"B\"}],"
        "\"org-viewer/dev\":[{\"id\":\"4\",\"username\":\"vic\"}],\"billing-admin\":[{\"id\":\"3\",\"username\":\"bill\"}]}";
    cat_autojson json_t *members = NULL;
    REQUIRE(cat_json_parse(text, sizeof text - 1, &CAT_JSON_CAPS, &members, NULL) == 0);
    cat_autojson json_t *people = ec_people_fold("acme", members);
    cat_autofree char *have = cat_json_format(people);
    EXPECT_TEXT(have,
                "{\"users\":[{\"login\":\"ann\",\"email\":\"ann@users.invalid\",\"name\":\"ann\"},{\"login\":\"omar\","
                "\"email\":\"o@x\",\"name\":\"Omar B\"},{\"login\":\"vic\",\"email\":\"vic@users.invalid\",\"name\":\"vic\"}],"
                "\"teams\":{\"viewers\":[\"ann\",\"omar\",\"vic\"],\"developers\":[\"ann\",\"omar\"],\"admins\":[],"
                "\"publishers\":[\"ann\",\"omar\"],\"writers-dev\":[\"ann\",\"omar\"],\"writers-stg\":[\"ann\",\"omar\"],"
                "\"writers-uat\":[],\"writers-prod\":[\"omar\"],\"writers-poc\":[]},"
                "\"groups\":{\"org-developer\":[\"1\",\"2\"],\"org-admin/prod\":[\"2\"],\"org-viewer/dev\":[\"4\"],"
                "\"billing-admin\":[\"3\"]},\"refused\":[]}");
}

/* The teams of somebody who is in one group, as letters: viewers developers admins publishers, then writers of dev stg uat prod
 * poc. */
TEST("every team takes whom the API lets do the same")
{
    static const char *const rows[][2] = {
        {"org-viewer", "v--------"},        {"org-viewer/prod", "v--------"},   {"org-developer", "vd-pDS---"},
        {"org-developer/dev", "vd--D----"}, {"org-developer/stg", "vd---S---"}, {"org-developer/prod", "vd-------"},
        {"org-admin", "vdapDSUPC"},         {"org-admin/prod", "vd-----P-"},    {"org-admin/uat", "vd----U--"},
        {"org-admin/poc", "vd------C"},     {"security-officer", "---------"},  {"billing-admin", "---------"},
        {"billing-admin/dev", "---------"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        static const char letters[] = "vdapDSUPC";
        cat_autojson json_t *members = json_pack("{s:[{s:s, s:s}]}", rows[i][0], "id", "1", "username", "ann");
        cat_autojson json_t *people = ec_people_fold("acme", members);
        char have[sizeof letters] = "";
        for (size_t at = 0; EC_TEAMS[at].name; at++)
            have[at] = json_array_size(json_object_get(json_object_get(people, "teams"), EC_TEAMS[at].name)) ? letters[at] : '-';
        cat_test_row("%s", rows[i][0]);
        EXPECT_TEXT(have, rows[i][1]);
        EXPECT_INT(json_array_size(json_object_get(people, "users")), rows[i][1][0] == 'v');
    }
}

TEST("a user of the identity provider who is called as a service is not mirrored into Git, and is named")
{
    static const char text[] =
        "{\"org-admin\":[{\"id\":\"1\",\"username\":\"catalyst-provisioning\"},{\"id\":\"2\",\"username\":\"Flux-acme\"},"
        "{\"id\":\"3\",\"username\":\"ann\"}],"
        "\"org-viewer\":[{\"id\":\"1\",\"username\":\"catalyst-provisioning\"},{\"id\":\"4\",\"username\":\"c\xd0\xb0talyst-"
        "merge\"},"
        "{\"id\":\"5\",\"username\":\"root\",\"enabled\":false}]}";
    cat_autojson json_t *members = NULL;
    REQUIRE(cat_json_parse(text, sizeof text - 1, &CAT_JSON_CAPS, &members, NULL) == 0);
    cat_autojson json_t *people = ec_people_fold("acme", members);
    cat_autofree char *users = cat_json_format(json_object_get(people, "users"));
    EXPECT_TEXT(users, "[{\"login\":\"ann\",\"email\":\"ann@users.invalid\",\"name\":\"ann\"}]");
    const char *team;
    json_t *logins;
    json_object_foreach(json_object_get(people, "teams"), team, logins)
    {
        cat_test_row("%s", team);
        for (size_t i = 0; i < json_array_size(logins); i++)
            EXPECT_TEXT(json_string_value(json_array_get(logins, i)), "ann");
    }
    EXPECT_INT(json_array_size(json_object_get(people, "refused")), 3);
    EXPECT(cat_text_starts_with(json_string_value(json_array_get(json_object_get(people, "refused"), 0)),
                                "catalyst-provisioning: "));
}

TEST("the admin address has to name a realm")
{
    ec_people *people = NULL;
    cat_error error = {0};
    ec_people_options options = {.admin_url = "http://id/auth", .client_id = "c", .client_secret = "s"};
    EXPECT_INT(ec_people_create(&options, &people, &error), CAT_E_INVALID);
    EXPECT(strstr(error.message, "/admin/realms/") != NULL);
}

TEST("what Gitea does not take of a person is told from what is nobody's fault")
{
    static const struct {
        int code;
        const char *message, *trouble;
    } ROWS[] = {
        {CAT_E_INVALID, "Gitea POST /admin/users: e-mail already in use [email: a@example.org] (HTTP 422)", "email"},
        {CAT_E_INVALID, "Gitea PATCH /admin/users/a: email address is not valid (HTTP 400)", "email"},
        {CAT_E_INVALID, "Gitea POST /admin/users: name is reserved [name: explore] (HTTP 422)", "name"},
        {CAT_E_INVALID, "Gitea POST /admin/users: name pattern is not allowed [pattern: *.keys] (HTTP 422)", "name"},
        {CAT_E_EXISTS, "Gitea POST /admin/users: user already exists [name: a] (HTTP 422)", "name"},
        {CAT_E_FORBIDDEN, "Gitea POST /admin/users: token does not have the scope (HTTP 403)", NULL},
        {CAT_E_UNAVAILABLE, "Gitea POST /admin/users: no answer", NULL},
        {CAT_E_UNAUTHORIZED, "Gitea POST /admin/users: (HTTP 401)", NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        cat_error refusal = {0};
        cat_error_set(&refusal, ROWS[i].code, "%s", ROWS[i].message);
        EXPECT_TEXT(ec_person_trouble_of(&refusal), ROWS[i].trouble);
    }
}

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
