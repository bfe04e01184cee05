" llmls by ALE, in every kind of file, beside the linters and servers of its own.
" Where Debian's package has it among the optional plugins, this loads it.
silent! packadd ale
function! s:llmls(filetype) abort
  if &buftype != ''
    return
  endif
  try
    let others = filter(map(ale#linter#Get(a:filetype), 'v:val.name'), 'v:val != "llmls"')
  catch /E117:/
    autocmd! llmls
    echomsg 'llmls: install ALE, which this needs: https://github.com/dense-analysis/ale'
    return
  endtry
  call ale#linter#Define(a:filetype, {
    \ 'name': 'llmls', 'lsp': 'stdio', 'executable': 'llmls', 'command': '%e',
    \ 'project_root': {buffer -> fnamemodify(bufname(buffer), ':p:h')} })
  let b:ale_linters = others + ['llmls']
endfunction
augroup llmls
  autocmd!
  autocmd FileType * call s:llmls(expand('<amatch>'))
augroup END
let g:ale_lsp_show_message_severity = 'information'

" :Ask why? asks about the place of the last code actions.
command! -nargs=+ Ask call ale#lsp_linter#SendRequest(bufnr(''), 'llmls',
  \ ale#lsp#message#ExecuteCommand('llmls.ask', [<q-args>]))
