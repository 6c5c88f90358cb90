/* Keycloak's groups as users and teams. */
#include "people.h"

#include "base/memory.h"
#include "base/test.h"

TEST("members of roles become users once and teams by role, sorted, without who is disabled")
{
    static const char text[] =
        "{\"org-developer\":[{\"username\":\"omar\",\"email\":\"o@x\",\"firstName\":\"Omar\",\"lastName\":\"B\",\"enabled\":true}"
        ","
        "{\"username\":\"ann\",\"enabled\":true},{\"username\":\"gone\",\"enabled\":false}],"
        "\"org-admin\":[{\"username\":\"omar\",\"email\":\"o@x\",\"firstName\":\"Omar\",\"lastName\":\"B\"}],"
        "\"billing-admin\":[{\"username\":\"bill\"}]}";
    cat_autojson json_t *members = NULL;
    REQUIRE(cat_json_parse(text, sizeof text - 1, &CAT_JSON_CAPS, &members, NULL) == 0);
    cat_autojson json_t *people = ec_people_fold(members);
    cat_autofree char *have = cat_json_format(people);
    EXPECT_TEXT(have, "{\"users\":[{\"login\":\"ann\",\"email\":\"ann@users.invalid\",\"name\":\"ann\"},{\"login\":\"omar\","
                      "\"email\":\"o@x\",\"name\":\"Omar B\"}],"
                      "\"teams\":{\"viewers\":[],\"developers\":[\"ann\",\"omar\"],\"admins\":[\"omar\"]},\"refused\":[]}");
}

TEST("a user of the identity provider who is called as a service is not mirrored into Git, and is named")
{
    static const char text[] =
        "{\"org-admin\":[{\"username\":\"catalyst-provisioning\"},{\"username\":\"Flux-acme\"},{\"username\":\"ann\"}],"
        "\"org-viewer\":[{\"username\":\"catalyst-provisioning\"},{\"username\":\"c\xd0\xb0talyst-merge\"},"
        "{\"username\":\"root\",\"enabled\":false}]}";
    cat_autojson json_t *members = NULL;
    REQUIRE(cat_json_parse(text, sizeof text - 1, &CAT_JSON_CAPS, &members, NULL) == 0);
    cat_autojson json_t *people = ec_people_fold(members);
    cat_autofree char *users = cat_json_format(json_object_get(people, "users"));
    EXPECT_TEXT(users, "[{\"login\":\"ann\",\"email\":\"ann@users.invalid\",\"name\":\"ann\"}]");
    cat_autofree char *teams = cat_json_format(json_object_get(people, "teams"));
    EXPECT_TEXT(teams, "{\"viewers\":[],\"developers\":[],\"admins\":[\"ann\"]}");
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

int main(int argc, char **argv)
{
    return cat_test_main(argc, argv);
}
