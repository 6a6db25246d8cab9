import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// Tags that begin with task- are custom elements and no components of Vue.
const isCustomElement = (tag: string) => tag.startsWith('task-')

export default defineConfig({ plugins: [vue({ template: { compilerOptions: { isCustomElement } } })] })
