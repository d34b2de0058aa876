'use client'

import './globals.css'
import { Button } from '#src/components/ui/button.tsx'

/** The last resort: the shell itself broke, so this page brings its own. */
export default function GlobalError() {
  return (
    <html lang="en">
      <body>
        <main
          role="alert"
          className="grid min-h-dvh place-content-center justify-items-center gap-3 p-6 text-center"
        >
          <title>Skykeep broke</title>
          <h1 className="text-[1.45rem] font-semibold">The dashboard broke</h1>
          <p>Nothing was changed, and your services go on.</p>
          <p className="text-soft">
            Load it again. The command line does all that this page does: `npx skykeep status`.
          </p>
          <Button look="solid" onClick={() => location.reload()}>
            Load it again
          </Button>
        </main>
      </body>
    </html>
  )
}
