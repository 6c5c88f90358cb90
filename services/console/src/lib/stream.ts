/* Reads server-sent events out of bytes, however they were cut. */
export class StreamReader {
  private text = ''
  private event = ''
  private data: string[] = []
  private id = ''
  private readonly decoder = new TextDecoder()
  private readonly emit: (event: string, data: string, id: string) => void

  constructor(emit: (event: string, data: string, id: string) => void) {
    this.emit = emit
  }

  push(bytes: Uint8Array): void {
    this.text += this.decoder.decode(bytes, { stream: true })
    for (let end = this.text.indexOf('\n'); end >= 0; end = this.text.indexOf('\n')) {
      this.line(this.text.slice(0, end).replace(/\r$/, ''))
      this.text = this.text.slice(end + 1)
    }
  }

  private line(line: string): void {
    if (line === '') {
      if (this.data.length > 0) this.emit(this.event || 'message', this.data.join('\n'), this.id)
      this.event = ''
      this.data = []
      this.id = ''
      return
    }
    if (line.startsWith(':')) return
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.event = value
    else if (field === 'data') this.data.push(value)
    else if (field === 'id') this.id = value
  }
}
