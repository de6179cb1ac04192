// Every file that the pages need, by C23's #embed. The compiler records them as dependencies, so that an edit rebuilds.
// A style sheet is read top to bottom, so its parts stand in the order in which they apply.
#include "PageAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char account_show[] = {
#embed "templates/account-show.mustache"
};
static const unsigned char app_add[] = {
#embed "templates/app-add.mustache"
};
static const unsigned char confirm[] = {
#embed "templates/confirm.mustache"
};
static const unsigned char recovery_code[] = {
#embed "templates/recovery-code.mustache"
};
static const unsigned char recovery_codes[] = {
#embed "templates/recovery-codes.mustache"
};
static const unsigned char second_step[] = {
#embed "templates/second-step.mustache"
};
static const unsigned char check[] = {
#embed "templates/check.mustache"
};
static const unsigned char commitment_show[] = {
#embed "templates/commitment-show.mustache"
};
static const unsigned char evidence[] = {
#embed "templates/evidence.mustache"
};
static const unsigned char exceptions[] = {
#embed "templates/exceptions.mustache"
};
static const unsigned char decision_cell[] = {
#embed "templates/decision-cell.mustache"
};
static const unsigned char field[] = {
#embed "templates/field.mustache"
};
static const unsigned char filter[] = {
#embed "templates/filter.mustache"
};
static const unsigned char form_problem[] = {
#embed "templates/form-problem.mustache"
};
static const unsigned char head[] = {
#embed "templates/head.mustache"
};
static const unsigned char held_outside[] = {
#embed "templates/held-outside.mustache"
};
static const unsigned char history[] = {
#embed "templates/history.mustache"
};
static const unsigned char host_list[] = {
#embed "templates/host-list.mustache"
};
static const unsigned char host_show[] = {
#embed "templates/host-show.mustache"
};
static const unsigned char layout[] = {
#embed "templates/layout.mustache"
};
static const unsigned char layout_plain[] = {
#embed "templates/layout-plain.mustache"
};
static const unsigned char ledger_show[] = {
#embed "templates/ledger-show.mustache"
};
static const unsigned char mark[] = {
#embed "templates/mark.mustache"
};
static const unsigned char moment[] = {
#embed "templates/moment.mustache"
};
static const unsigned char notices[] = {
#embed "templates/notices.mustache"
};
static const unsigned char overview[] = {
#embed "templates/overview.mustache"
};
static const unsigned char policy_list[] = {
#embed "templates/policy-list.mustache"
};
static const unsigned char policy_show[] = {
#embed "templates/policy-show.mustache"
};
static const unsigned char problem_show[] = {
#embed "templates/problem-show.mustache"
};
static const unsigned char proof[] = {
#embed "templates/proof.mustache"
};
static const unsigned char result[] = {
#embed "templates/result.mustache"
};
static const unsigned char go_on[] = {
#embed "templates/go-on.mustache"
};
static const unsigned char provider_settings[] = {
#embed "templates/provider-settings.mustache"
};
static const unsigned char set_up[] = {
#embed "templates/set-up.mustache"
};
static const unsigned char settings_show[] = {
#embed "templates/settings-show.mustache"
};
static const unsigned char recover[] = {
#embed "templates/recover.mustache"
};
static const unsigned char recovery_made[] = {
#embed "templates/recovery-made.mustache"
};
static const unsigned char sign_in_rules[] = {
#embed "templates/sign-in-rules.mustache"
};
static const unsigned char sign_in[] = {
#embed "templates/sign-in.mustache"
};
static const unsigned char symbols[] = {
#embed "templates/symbols.mustache"
};
static const unsigned char tally[] = {
#embed "templates/tally.mustache"
};
static const unsigned char trust_show[] = {
#embed "templates/trust-show.mustache"
};
static const unsigned char choice[] = {
#embed "templates/choice.mustache"
};
static const unsigned char departure_list[] = {
#embed "templates/departure-list.mustache"
};
static const unsigned char invitation_made[] = {
#embed "templates/invitation-made.mustache"
};
static const unsigned char join[] = {
#embed "templates/join.mustache"
};
static const unsigned char organisation_list[] = {
#embed "templates/organisation-list.mustache"
};
static const unsigned char people_list[] = {
#embed "templates/people-list.mustache"
};
static const unsigned char people_nav[] = {
#embed "templates/people-nav.mustache"
};
static const unsigned char site_list[] = {
#embed "templates/site-list.mustache"
};
static const unsigned char site_show[] = {
#embed "templates/site-show.mustache"
};
static const unsigned char site_scan[] = {
#embed "templates/site-scan.mustache"
};
static const unsigned char scan_result[] = {
#embed "templates/scan-result.mustache"
};
static const unsigned char grade_chart[] = {
#embed "templates/grade-chart.mustache"
};
static const unsigned char finding[] = {
#embed "templates/finding.mustache"
};
static const unsigned char scan_document[] = {
#embed "templates/scan-document.mustache"
};
static const unsigned char person_show[] = {
#embed "templates/person-show.mustache"
};
static const unsigned char review_list[] = {
#embed "templates/review-list.mustache"
};
static const unsigned char review_show[] = {
#embed "templates/review-show.mustache"
};
static const unsigned char role_list[] = {
#embed "templates/role-list.mustache"
};
static const unsigned char style[] = {
#embed "style/tokens.css"
,
#embed "style/base.css"
,
#embed "style/frame.css"
,
#embed "style/verdicts.css"
,
#embed "style/tables.css"
,
#embed "style/overview.css"
,
#embed "style/commitment.css"
,
#embed "style/document.css"
,
#embed "style/doors.css"
,
#embed "style/people.css"
,
#embed "style/scans.css"
,
#embed "style/detection.css"
,
#embed "style/trust.css"
,
#embed "style/print.css"
};
static const unsigned char alert_list[] = {
#embed "templates/alert-list.mustache"
};
static const unsigned char alert_show[] = {
#embed "templates/alert-show.mustache"
};
static const unsigned char check_items[] = {
#embed "templates/check-items.mustache"
};
static const unsigned char event_fields[] = {
#embed "templates/event-fields.mustache"
};
static const unsigned char level[] = {
#embed "templates/level.mustache"
};
static const unsigned char log_chart[] = {
#embed "templates/log-chart.mustache"
};
static const unsigned char log_nav[] = {
#embed "templates/log-nav.mustache"
};
static const unsigned char log_review_list[] = {
#embed "templates/log-review-list.mustache"
};
static const unsigned char log_search[] = {
#embed "templates/log-search.mustache"
};
static const unsigned char log_source_list[] = {
#embed "templates/log-source-list.mustache"
};
static const unsigned char log_source_show[] = {
#embed "templates/log-source-show.mustache"
};
static const unsigned char radio_choice[] = {
#embed "templates/radio-choice.mustache"
};
static const unsigned char rule_list[] = {
#embed "templates/rule-list.mustache"
};
static const unsigned char tactic_map[] = {
#embed "templates/tactic-map.mustache"
};
static const unsigned char permission_boxes[] = {
#embed "templates/permission-boxes.mustache"
};
static const unsigned char service_account_list[] = {
#embed "templates/service-account-list.mustache"
};
static const unsigned char service_account_show[] = {
#embed "templates/service-account-show.mustache"
};
static const unsigned char token_form[] = {
#embed "templates/token-form.mustache"
};
static const unsigned char token_list[] = {
#embed "templates/token-list.mustache"
};
static const unsigned char token_made[] = {
#embed "templates/token-made.mustache"
};
static const unsigned char token_rows[] = {
#embed "templates/token-rows.mustache"
};
static const unsigned char script[] = {
#embed "static/vouchsafe.js"
};
static const unsigned char icon[] = {
#embed "static/icon.svg"
};

#define ASSET(path, bytes) {path, bytes, sizeof bytes}

static const struct page_asset assets[] = {
    ASSET("templates/account-show.mustache", account_show),
    ASSET("templates/app-add.mustache", app_add),
    ASSET("templates/confirm.mustache", confirm),
    ASSET("templates/recovery-codes.mustache", recovery_codes),
    ASSET("templates/recovery-code.mustache", recovery_code),
    ASSET("templates/second-step.mustache", second_step),
    ASSET("templates/check.mustache", check),
    ASSET("templates/commitment-show.mustache", commitment_show),
    ASSET("templates/evidence.mustache", evidence),
    ASSET("templates/exceptions.mustache", exceptions),
    ASSET("templates/decision-cell.mustache", decision_cell),
    ASSET("templates/field.mustache", field),
    ASSET("templates/filter.mustache", filter),
    ASSET("templates/form-problem.mustache", form_problem),
    ASSET("templates/head.mustache", head),
    ASSET("templates/held-outside.mustache", held_outside),
    ASSET("templates/history.mustache", history),
    ASSET("templates/host-list.mustache", host_list),
    ASSET("templates/host-show.mustache", host_show),
    ASSET("templates/layout.mustache", layout),
    ASSET("templates/layout-plain.mustache", layout_plain),
    ASSET("templates/ledger-show.mustache", ledger_show),
    ASSET("templates/mark.mustache", mark),
    ASSET("templates/moment.mustache", moment),
    ASSET("templates/notices.mustache", notices),
    ASSET("templates/overview.mustache", overview),
    ASSET("templates/policy-list.mustache", policy_list),
    ASSET("templates/policy-show.mustache", policy_show),
    ASSET("templates/problem-show.mustache", problem_show),
    ASSET("templates/proof.mustache", proof),
    ASSET("templates/result.mustache", result),
    ASSET("templates/go-on.mustache", go_on),
    ASSET("templates/provider-settings.mustache", provider_settings),
    ASSET("templates/set-up.mustache", set_up),
    ASSET("templates/settings-show.mustache", settings_show),
    ASSET("templates/sign-in.mustache", sign_in),
    ASSET("templates/recover.mustache", recover),
    ASSET("templates/recovery-made.mustache", recovery_made),
    ASSET("templates/sign-in-rules.mustache", sign_in_rules),
    ASSET("templates/symbols.mustache", symbols),
    ASSET("templates/tally.mustache", tally),
    ASSET("templates/trust-show.mustache", trust_show),
    ASSET("templates/choice.mustache", choice),
    ASSET("templates/departure-list.mustache", departure_list),
    ASSET("templates/invitation-made.mustache", invitation_made),
    ASSET("templates/join.mustache", join),
    ASSET("templates/organisation-list.mustache", organisation_list),
    ASSET("templates/people-list.mustache", people_list),
    ASSET("templates/people-nav.mustache", people_nav),
    ASSET("templates/finding.mustache", finding),
    ASSET("templates/site-list.mustache", site_list),
    ASSET("templates/site-show.mustache", site_show),
    ASSET("templates/site-scan.mustache", site_scan),
    ASSET("templates/scan-result.mustache", scan_result),
    ASSET("templates/grade-chart.mustache", grade_chart),
    ASSET("templates/person-show.mustache", person_show),
    ASSET("templates/scan-document.mustache", scan_document),
    ASSET("templates/review-list.mustache", review_list),
    ASSET("templates/review-show.mustache", review_show),
    ASSET("templates/role-list.mustache", role_list),
    ASSET("templates/permission-boxes.mustache", permission_boxes),
    ASSET("templates/service-account-list.mustache", service_account_list),
    ASSET("templates/service-account-show.mustache", service_account_show),
    ASSET("templates/token-form.mustache", token_form),
    ASSET("templates/token-list.mustache", token_list),
    ASSET("templates/token-made.mustache", token_made),
    ASSET("templates/token-rows.mustache", token_rows),
    ASSET("templates/alert-list.mustache", alert_list),
    ASSET("templates/alert-show.mustache", alert_show),
    ASSET("templates/check-items.mustache", check_items),
    ASSET("templates/event-fields.mustache", event_fields),
    ASSET("templates/level.mustache", level),
    ASSET("templates/log-chart.mustache", log_chart),
    ASSET("templates/log-nav.mustache", log_nav),
    ASSET("templates/log-review-list.mustache", log_review_list),
    ASSET("templates/log-search.mustache", log_search),
    ASSET("templates/log-source-list.mustache", log_source_list),
    ASSET("templates/log-source-show.mustache", log_source_show),
    ASSET("templates/radio-choice.mustache", radio_choice),
    ASSET("templates/rule-list.mustache", rule_list),
    ASSET("templates/tactic-map.mustache", tactic_map),
    ASSET("style.css", style),
    ASSET("vouchsafe.js", script),
    ASSET("icon.svg", icon),
};

size_t page_asset_count(void) {
    return sizeof assets / sizeof assets[0];
}

struct page_asset page_asset_at(size_t index) {
    return assets[index];
}
