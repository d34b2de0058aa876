'use client'

import { Monitor, Moon, Sun, type LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Menu, MenuChoice } from '../ui/menu.tsx'
import { parseTheme, themeCookie, themes, type Theme } from './theme.ts'

const looks: Readonly<Record<Theme, { readonly label: string; readonly icon: LucideIcon }>> = {
  system: { label: 'As the system', icon: Monitor },
  light: { label: 'Light', icon: Sun },
  dark: { label: 'Dark', icon: Moon },
}

/** Light, dark, or as the system. Kept in a cookie that the server reads, so that no page flashes. */
export function ThemeMenu({ initial }: { readonly initial: Theme }) {
  const [theme, setTheme] = useState(initial)
  const Icon = looks[theme].icon
  const choose = (value: string): void => {
    const chosen = parseTheme(value)
    document.cookie = `${themeCookie}=${chosen}; path=/; max-age=31536000; samesite=strict`
    if (chosen === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = chosen
    setTheme(chosen)
  }
  return (
    <Menu
      trigger={
        <Button look="quiet" isIcon aria-label={`Theme: ${looks[theme].label}`}>
          <Icon aria-hidden />
        </Button>
      }
    >
      <MenuChoice
        value={theme}
        onChange={choose}
        choices={themes.map((value) => {
          const Item = looks[value].icon
          return {
            value,
            label: (
              <>
                <Item aria-hidden />
                {looks[value].label}
              </>
            ),
          }
        })}
      />
    </Menu>
  )
}
