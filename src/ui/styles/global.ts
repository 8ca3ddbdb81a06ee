// The latin files alone are fetched; the browser takes another subset only when a text needs it.
import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './tokens.css'
import './base.css'
