/** Draws the door's icons pixel by pixel: an ikat diamond over a threshold. No picture is kept in the repository. */

import { deflateSync } from "node:zlib";

const LAPIS = [0x1f, 0x3f, 0x86];
const PAPER = [0xf8, 0xf2, 0xe4];
const POMEGRANATE = [0x8e, 0x1c, 0x31];
const SAFFRON = [0xe3, 0xa3, 0x2f];
const SMOOTH = 4;

/** Draw one repeat of an ikat band as SVG: two diamonds with stepped edges. */
export function drawBand() {
  const rows = [];
  for (const [centre, inner] of [
    [24, "#8e1c31"],
    [72, "#0b5560"],
  ])
    for (const [half, colour] of [
      [22, "#f8f2e4"],
      [18, inner],
      [11, "#e3a32f"],
      [6, "#1f3f86"],
    ])
      rows.push(...diamond(centre, half, colour));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 48"><rect width="96" height="48" fill="#1f3f86"/>${rows.join("")}</svg>`;
}

function diamond(centre, half, colour) {
  const rows = [];
  for (let y = 0; y < 48; y += 3) {
    const reach = half - Math.abs(y + 1.5 - 24);
    if (reach > 0) rows.push(`<path fill="${colour}" d="M${centre - reach} ${y}h${2 * reach}v3h-${2 * reach}z"/>`);
  }
  return rows;
}

/** Draw a square PNG; a maskable one keeps its drawing inside the middle four fifths. */
export function drawIcon(size, { maskable = false } = {}) {
  const rows = Buffer.alloc(size * (size * 3 + 1));
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) rows.set(smooth(x, y, size, maskable ? 0.74 : 0.94), y * (size * 3 + 1) + 1 + x * 3);
  return png(size, rows);
}

function smooth(x, y, size, scale) {
  const total = [0, 0, 0];
  for (let sample = 0; sample < SMOOTH * SMOOTH; sample++) {
    const u = (x + ((sample % SMOOTH) + 0.5) / SMOOTH) / size;
    const v = (y + (Math.floor(sample / SMOOTH) + 0.5) / SMOOTH) / size;
    for (const [channel, value] of colourAt((u - 0.5) / scale, (v - 0.5) / scale).entries()) total[channel] += value;
  }
  return total.map((value) => Math.round(value / SMOOTH ** 2));
}

// Ikat has stepped edges, since its threads are dyed before weaving.
function colourAt(u, v) {
  const step = 1 / 22;
  const distance = Math.abs(u) + Math.round(Math.abs(v) / step) * step;
  if (distance < 0.09) return SAFFRON;
  if (distance < 0.2) return POMEGRANATE;
  if (distance < 0.3) return PAPER;
  if (distance < 0.37) return LAPIS;
  return distance < 0.46 ? PAPER : LAPIS;
}

function png(size, rows) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name, content) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), content]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(content.length, 0);
  bytes.set(body, 4);
  bytes.writeUInt32BE(crc(body), body.length + 4);
  return bytes;
}

function crc(content) {
  let sum = 0xffffffff;
  for (const byte of content) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
