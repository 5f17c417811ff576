"""A mailing as a test, to who writes it."""

from sqlalchemy.orm import Session

from shared.config import Settings
from shared.models import Account, Promise
from shared.queries import mailings, pictures
from worker import mails
from worker.mail import Prepared, Skipped


def mailing_test(db: Session, promise: Promise, settings: Settings) -> Prepared:
    """The mailing as it is written now, in a language; the key is "<account> <language> <when it was asked for>"."""
    account_id, language, _ = promise.key.split(" ")
    mailing, account = mailings.get(db, mailing_id=promise.subject), db.get(Account, int(account_id))
    if mailing is None or account is None:
        return Skipped("there is no such mailing any more")
    return mails.to_writer(mailing, account, language, settings, pictures.photograph(db, event=mailing.event))
