declare module "catalogues" {
  import type { Catalogue, Language } from "./lib/i18n.ts";

  const catalogues: Partial<Record<Language, Catalogue>>;
  export default catalogues;
}
