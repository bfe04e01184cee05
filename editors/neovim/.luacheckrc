-- For luacheck, which `make lint` runs.
std = 'luajit'
cache = false
max_line_length = false -- stylua's business
read_globals = { 'vim' }
globals = {
  'vim.go',
  'vim.o',
  'vim.g',
  'vim.bo',
  'vim.wo',
  'vim.v',
  'vim.env',
}
ignore = {
  '212/self', -- a surface has methods that it does not need
}
