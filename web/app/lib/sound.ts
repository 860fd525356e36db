let audio: AudioContext | undefined;

/** Two soft notes, made here: no file to load. */
export function playSound(): void {
  audio ??= new AudioContext();
  const { currentTime, destination } = audio;
  for (const [i, frequency] of [660, 880].entries()) {
    const start = currentTime + i * 0.12;
    const tone = new OscillatorNode(audio, { frequency });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0.08, start + 0.02);
    volume.gain.linearRampToValueAtTime(0, start + 0.25);
    tone.connect(volume).connect(destination);
    tone.start(start);
    tone.stop(start + 0.3);
  }
}
