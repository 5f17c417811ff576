/** Loads the real catalogues before each test file, as main.ts does from the build. */

import { join } from "node:path";

import { languagesIn } from "../../scripts/languages.mjs";
import { catalogueOf, idsIn } from "../../scripts/messages.mjs";
import { loadCatalogues } from "../../src/lib/i18n.ts";

const SHARED = join(import.meta.dirname, "../../../../shared");
const ids = idsIn(join(import.meta.dirname, "../../src"));
const languages = Object.entries(languagesIn(join(SHARED, "config.py"), join(SHARED, "locale")));

loadCatalogues(
  Object.fromEntries(
    languages.map(([code, table]) => [
      code,
      catalogueOf(ids, join(SHARED, "locale", code, "LC_MESSAGES/messages.po"), table).catalogue,
    ]),
  ),
);
