" llmls by coc.nvim, in every kind of file, beside its other servers.
let g:coc_user_config = get(g:, 'coc_user_config', {})
let g:coc_user_config['languageserver.llmls'] = {'command': 'llmls', 'filetypes': ['*']}

" :Ask explains the line, :'<,'>Ask the selected ones, :Ask why? asks about them: by
" the code action for it, which has the place.
function! s:ask(first, last, question) abort
  if !exists('*CocActionAsync')
    echo 'llmls: install coc.nvim, which this needs: https://github.com/neoclide/coc.nvim'
    return
  endif
  let view = winsaveview()
  execute 'normal! ' .. a:first .. 'GV' .. a:last .. "G\<Esc>"
  call winrestview(view)
  call CocActionAsync('codeActions', 'V', ['refactor.llmls.' .. (a:question == '' ? 'explain' : 'ask')],
    \ {_, actions -> s:run(actions, a:question == '' ? {} : {'question': a:question})})
endfunction
function! s:run(actions, more) abort
  if empty(a:actions)
    echo 'llmls is not running here: :CocInfo says why'
    return
  endif
  let command = a:actions[0].command
  call CocActionAsync('runCommand', command.command, extend(command.arguments[0], a:more))
endfunction
command! -range -nargs=* Ask call s:ask(<line1>, <line2>, <q-args>)

" Keys, where yours are not taken: explain; the list of code actions.
silent! xnoremap <unique> <silent> <Leader>e :Ask<CR>
silent! xmap <unique> <silent> <Leader>a <Plug>(coc-codeaction-selected)
silent! nmap <unique> <silent> <Leader>ac <Plug>(coc-codeaction-cursor)

" The answers grow in a window below the code: coc.nvim gives a file a tab page of its
" own, where what is typed before it goes back would land.
function! s:opened() abort
  if v:vim_did_enter && winnr('$') == 1 && tabpagenr('#') > 0
    let s:place = [bufnr(), win_getid(), win_getid(tabpagewinnr(tabpagenr('#')), tabpagenr('#'))]
    call feedkeys("\<Cmd>call " .. expand('<SID>') .. "below()\<CR>", 'in') " before any other key
  endif
endfunction
function! s:below() abort
  let [answers, window, code] = s:place
  if empty(getwininfo(window)) || !win_gotoid(code)
    return
  endif
  call win_execute(window, 'hide')
  execute 'keepalt belowright sbuffer' answers
  call win_gotoid(code)
endfunction

" The file of the answers is saved when you leave.
function! s:save() abort
  for buffer in getbufinfo({'bufmodified': 1})
    if buffer.name =~ '[/\\]llmls[/\\]answers[/\\]'
      let here = bufnr()
      execute 'silent keepalt hide buffer' buffer.bufnr
      silent write
      execute 'silent keepalt hide buffer' here
    endif
  endfor
endfunction
augroup llmls
  autocmd!
  autocmd BufWinEnter */llmls/answers/*.md call s:opened()
  autocmd QuitPre * call s:save()
augroup END
