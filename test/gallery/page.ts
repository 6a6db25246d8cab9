import type { Scene } from './scenes.ts'

interface Shot {
  readonly theme: string
  readonly width: number
}

/** The page of the gallery: every scene with what it shows and its pictures. Pure. */
export function galleryPage(scenes: readonly Scene[], shotsOf: (scene: Scene) => readonly Shot[]): string {
  const parts = scenes.map((scene) => {
    const pictures = shotsOf(scene).map(
      ({ theme, width }) => `[${theme}, ${width} px](gallery/${scene.name}-${theme}-${width}.webp)`,
    )
    return `## ${scene.title}\n\n${scene.words}\n\n![${scene.title}](gallery/${scene.name}-light-1440.webp)\n\n${pictures.join(' · ')}\n`
  })
  return `# Gallery\n\nEvery screen, drawn by \`npm run gallery\` in a real browser over a real engine; trouble and emptiness over made-up answers.\n\n${parts.join('\n')}`
}
