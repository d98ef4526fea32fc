// Makes a picture small: at most 256 colours, each pixel a byte, packed as well as zlib can (PNG, third edition).
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Of what a browser writes: eight bits per channel, not interlaced, nothing transparent. */
export function small(png: Buffer): Buffer {
  const { width, height, pixels } = read(png)
  const { palette, indexed } = reduce(pixels)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  // Each line begins with its filter; for indexed colours none is best.
  const lines = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y += 1) indexed.copy(lines, y * (width + 1) + 1, y * width, (y + 1) * width)
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  const packed = deflateSync(lines, { level: 9, memLevel: 9 })
  const chunks = [chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', packed), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([signature, ...chunks])
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const frame = Buffer.alloc(body.length + 8)
  frame.writeUInt32BE(data.length, 0)
  body.copy(frame, 4)
  frame.writeUInt32BE(crc32(body), body.length + 4)
  return frame
}

interface Pixels {
  width: number
  height: number
  /** One number per pixel, 0xRRGGBB. */
  pixels: Uint32Array
}

function read(png: Buffer): Pixels {
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  const [width, height, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25]]
  const channels = kind === 6 ? 4 : 3
  const data = inflateSync(Buffer.concat(parts))
  const length = width * channels
  const pixels = new Uint32Array(width * height)
  let above = new Uint8Array(length)
  for (let y = 0; y < height; y += 1) {
    const start = y * (length + 1)
    const line = unfilter(data[start] ?? 0, data.subarray(start + 1, start + 1 + length), above, channels)
    for (let x = 0; x < width; x += 1) {
      const [red = 0, green = 0, blue = 0] = line.subarray(x * channels, x * channels + 3)
      pixels[y * width + x] = (red << 16) | (green << 8) | blue
    }
    above = line
  }
  return { width, height, pixels }
}

/** PNG, third edition, clause 9. */
function unfilter(filter: number, raw: Uint8Array, above: Uint8Array, channels: number): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(raw.length)
  for (let at = 0; at < raw.length; at += 1) {
    const left = at < channels ? 0 : (line[at - channels] ?? 0)
    const up = above[at] ?? 0
    const corner = at < channels ? 0 : (above[at - channels] ?? 0)
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0
    line[at] = (raw[at] ?? 0) + guess
  }
  return line
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

const most = 256
/** So many colours are taken for being frequent; the others for being far from all that were taken: a mark may be small. */
const frequent = 128

function reduce(pixels: Uint32Array) {
  const counts = new Map<number, number>()
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const colours = [...counts].sort(([a, x], [b, y]) => y - x || a - b)
  const palette: number[] = []
  /** Of each colour the nearest that was taken, and how far it is. */
  const places = colours.map(() => ({ place: 0, far: Infinity }))
  while (palette.length < Math.min(most, colours.length)) {
    const [taken = 0] = colours[palette.length < frequent ? palette.length : farthest(places, colours)] ?? []
    places.forEach((known, at) => {
      const far = distance(taken, colours[at]?.[0] ?? 0)
      if (far < known.far) places[at] = { place: palette.length, far }
    })
    palette.push(taken)
  }
  const placeOf = new Map(colours.map(([colour], at) => [colour, places[at]?.place ?? 0]))
  const indexed = Buffer.alloc(pixels.length)
  pixels.forEach((colour, at) => (indexed[at] = placeOf.get(colour) ?? 0))
  return { palette, indexed }
}

/** What most would see if it were missing: far from the others, and not a single pixel. */
function farthest(places: { far: number }[], colours: [number, number][]): number {
  const losses = places.map(({ far }, at) => far * Math.sqrt(colours[at]?.[1] ?? 0))
  return losses.indexOf(Math.max(...losses))
}

/** Squared, by channel. */
function distance(one: number, other: number): number {
  const apart = (shift: number) => (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2
  return apart(16) + apart(8) + apart(0)
}
