/** Colours of a picture. */
export interface Theme {
  readonly background: string;
  readonly border: string;
  readonly text: string;
  readonly dim: string;
  readonly green: string;
  readonly yellow: string;
  readonly red: string;
  readonly blue: string;
  /** Background of a box. */
  readonly box: string;
}

/** The colours of GitHub's two themes. */
export const THEMES: Readonly<Record<"light" | "dark", Theme>> = {
  light: {
    background: "#ffffff",
    border: "#d1d9e0",
    text: "#1f2328",
    dim: "#59636e",
    green: "#1a7f37",
    yellow: "#9a6700",
    red: "#cf222e",
    blue: "#0969da",
    box: "#f6f8fa",
  },
  dark: {
    background: "#0d1117",
    border: "#3d444d",
    text: "#f0f6fc",
    dim: "#9198a1",
    green: "#3fb950",
    yellow: "#d29922",
    red: "#f85149",
    blue: "#4493f8",
    box: "#151b23",
  },
};

/** Text as XML. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
