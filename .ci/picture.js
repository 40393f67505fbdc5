// Draws a screen, as tmux's capture-pane -e prints it, as a picture:
//
//   node .ci/picture.js COLUMNS LINES <screen >picture.svg
//
// The drawing is svg-term's. Around it stands what that does not know: faint
// text, and fonts whose glyphs are narrower than a cell.
const fs = require("fs");
const { render } = require("svg-term");

const [columns, lines] = process.argv.slice(2).map(Number);

// The faint variants of the 256 colours that the screen uses.
const faint = { 33: 25, 74: 31, 208: 130, default: 245 };

// withoutFaint puts a darker colour wherever text is faint.
function withoutFaint(screen) {
  const style = { bold: false, faint: false, inverse: false, colour: "default" };
  const set = (codes) => {
    for (let code = codes.shift(); code !== undefined; code = codes.shift()) {
      if (code === 0) Object.assign(style, { bold: false, faint: false, inverse: false, colour: "default" });
      else if (code === 1) style.bold = true;
      else if (code === 2) style.faint = true;
      else if (code === 7) style.inverse = true;
      else if (code === 38) [, style.colour] = codes.splice(0, 2);
      else if (code === 39) style.colour = "default";
    }
    const colour = (style.faint && faint[style.colour]) || style.colour;
    return [0, style.bold && 1, style.inverse && 7, colour !== "default" && `38;5;${colour}`].filter((code) => code !== false);
  };
  return screen.replace(/\x1b\[([\d;]*)m/g, (_, codes) => `\x1b[${set(codes.split(";").map(Number)).join(";")}m`);
}

// stretched gives each text the width of its cells, whatever the font.
function stretched(svg, cell) {
  const cells = (text) => [...text.replace(/&#?\w+;/g, "x")].length;
  return svg.replace(/<text ([^>]*)>([^<]*)</g, (_, attributes, text) =>
    `<text ${attributes} textLength="${(cells(text) * cell).toFixed(3)}" lengthAdjust="spacingAndGlyphs">${text}<`);
}

const theme = {
  background: [22, 27, 34],
  text: [201, 209, 217],
  bold: [240, 246, 252],
  fontSize: 1.67,
  lineHeight: 1.17, // frames and lines meet
  fontFamily: "'DejaVu Sans Mono', Menlo, Monaco, Consolas, monospace",
};
const text = withoutFaint(fs.readFileSync(0, "utf8").trimEnd()).replaceAll("\n", "\r\n");
const cast = [{ version: 2, width: columns, height: lines }, [0.1, "o", text]].map((line) => JSON.stringify(line)).join("\n");
const svg = render(cast, { at: 100, cursor: false, paddingX: 16, paddingY: 16, theme });
process.stdout.write(stretched(svg, theme.fontSize * 0.6) + "\n");
