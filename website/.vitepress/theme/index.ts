import theme from 'vitepress/theme-without-fonts'
import '../../pages/colours.css'
import './site.css'

export default theme
