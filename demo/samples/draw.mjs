// Draws the pictures of the sample folder, the same each time: `node demo/samples/draw.mjs`. The results are committed.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Jimp, rgbaToInt } from 'jimp'

const folder = fileURLToPath(new URL('.', import.meta.url))
const { sin, cos, hypot, atan2, floor, abs, min, max, PI } = Math

/** Each picture is a function from a place (0 to 1 in both directions) to a colour. */
const pictures = {
  'poster-summer.jpg': [
    1600,
    1200,
    (x, y) =>
      hypot(x - 0.5, (y - 0.55) * 0.75) < 0.24
        ? mix([255, 214, 92], [255, 120, 70], y * 1.3 - 0.2)
        : y > 0.72 + 0.02 * sin(x * 22)
          ? mix([26, 92, 122], [10, 44, 74], (y - 0.7) * 3.4)
          : mix([255, 190, 140], [120, 60, 120], 1 - y * 1.2),
  ],
  'poster-jazz-night.jpg': [
    1200,
    1600,
    (x, y) =>
      palette(
        [
          [24, 22, 48],
          [222, 82, 60],
          [244, 176, 66],
          [242, 232, 210],
        ],
        floor((hypot(x - 0.2, y - 0.85) * 9) % 4),
      ),
  ],
  'business-card-ritter.png': [
    1050,
    600,
    (x, y) =>
      x < 0.05
        ? [201, 62, 46]
        : abs(y - 0.34) < 0.035 && x > 0.12 && x < 0.52
          ? [40, 40, 44]
          : [0.5, 0.6, 0.7].some((line) => abs(y - line) < 0.012) && x > 0.12 && x < 0.44
            ? [150, 150, 152]
            : [250, 248, 243],
  ],
  'postcard-fjord.jpg': [
    1480,
    1050,
    (x, y) =>
      y < 0.42 + 0.16 * abs(sin(x * 5 + 1)) - 0.06 * sin(x * 31)
        ? mix([170, 205, 224], [236, 226, 214], y * 1.7)
        : y < 0.66
          ? mix([58, 84, 92], [28, 46, 54], (y - 0.35) * 3)
          : mix([72, 120, 132], [22, 54, 68], (y - 0.66) * 3 + 0.06 * sin(y * 420 + 5 * sin(x * 9))),
  ],
  'stickers-waves.png': [
    900,
    900,
    (x, y) =>
      palette(
        [
          [32, 88, 120],
          [92, 164, 176],
          [236, 232, 214],
          [226, 124, 84],
        ],
        floor((y * 9 + sin(x * 2 * PI * 2) * 0.5 + 100) % 4),
      ),
  ],
  'brochure-cover.jpg': [
    1240,
    1754,
    (x, y) =>
      x + y * 0.4 < 0.55
        ? mix([16, 60, 52], [38, 120, 94], y)
        : y > 0.78
          ? [244, 240, 230]
          : mix([236, 206, 140], [214, 140, 74], x * y * 1.6),
  ],
  'menu-kiosk.jpg': [
    1000,
    1400,
    (x, y) =>
      y < 0.2
        ? [38, 34, 32]
        : floor(y * 40) % 4 === 1 && x > 0.12 && x < 0.55 + 0.25 * abs(sin(floor(y * 40) * 1.7))
          ? [70, 64, 60]
          : [247, 241, 228],
  ],
  'banner-spring-sale.jpg': [
    2000,
    800,
    (x, y) =>
      mix(
        [238, 98, 122],
        [250, 208, 110],
        0.5 + 0.5 * sin(8 * atan2(y - 0.5, (x - 0.5) * 2.5)) * min(1, 4 * hypot((x - 0.5) * 2.5, y - 0.5)),
      ),
  ],
}

for (const [name, [width, height, colour]] of Object.entries(pictures)) {
  const image = new Jimp({ width, height, color: 0xffffffff })
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [red, green, blue] = colour(x / width, y / height)
      image.setPixelColor(rgbaToInt(red, green, blue, 255), x, y)
    }
  }
  await image.write(folder + name, name.endsWith('.jpg') ? { quality: 72 } : {})
}

// What an interrupted scan leaves behind: the first third of a file.
const whole = readFileSync(`${folder}stickers-waves.png`)
writeFileSync(`${folder}torn-scan.png`, whole.subarray(0, floor(whole.length / 3)))

function mix(from, to, share) {
  const part = max(0, min(1, share))
  return from.map((value, index) => floor(value + (to[index] - value) * part))
}

function palette(colours, index) {
  return colours[index]
}
