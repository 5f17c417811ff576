declare module "catalogues" {
  import type { Catalogue, Language } from "./i18n.ts";

  const catalogues: Partial<Record<Language, Catalogue>>;
  export default catalogues;
}
