"""Every page and the door's API: a module that is not listed here has no address."""

from web import health, metrics
from web.account import emailed_links, first_account, invitation, own_account, second_factor, sign_in
from web.api import door as door_api
from web.organizer.audit import views as audit_views
from web.organizer.doors import cards, paper_list
from web.organizer.doors import views as doors_views
from web.organizer.events import drafts, my_events, rows, sections
from web.organizer.events import pictures as events_pictures
from web.organizer.mailings import call_list, mailing, recipients, writing
from web.organizer.members import views as members_views
from web.organizer.people import acts, exports, imports, listing, person
from web.organizer.reports import comparison, live, registration_counts, report, returning_attendees
from web.organizer.share import papers
from web.organizer.share import views as share_views
from web.organizer.status import views as status_views
from web.visitor import (
    door,
    events,
    feeds,
    mailbox,
    my_tickets,
    own_registration,
    registration,
    short_links,
    ticket,
    unsubscribe,
)
from web.visitor import pictures as visitor_pictures

BLUEPRINTS = (
    door_api.api,
    emailed_links.pages,
    first_account.pages,
    invitation.pages,
    own_account.pages,
    second_factor.pages,
    sign_in.pages,
    health.pages,
    metrics.pages,
    audit_views.pages,
    cards.pages,
    paper_list.pages,
    doors_views.pages,
    drafts.pages,
    my_events.pages,
    events_pictures.pages,
    rows.pages,
    sections.pages,
    call_list.pages,
    mailing.pages,
    recipients.pages,
    writing.pages,
    members_views.pages,
    acts.pages,
    exports.pages,
    imports.pages,
    listing.pages,
    person.pages,
    comparison.pages,
    live.pages,
    registration_counts.pages,
    report.pages,
    returning_attendees.pages,
    papers.pages,
    share_views.pages,
    status_views.pages,
    door.pages,
    events.pages,
    feeds.pages,
    mailbox.pages,
    my_tickets.pages,
    own_registration.pages,
    visitor_pictures.pages,
    registration.pages,
    short_links.pages,
    ticket.pages,
    unsubscribe.pages,
)
