--- Tells the server the text of buffers that Neovim's own client tells it wrong:
--- buffers without a name, which all have the same URI there, and buffers that hold
--- what LSP takes for the end of a line, or what is not UTF-8.
local places = require('llmls.place')
local text = require('llmls.text')

local M = {}

--- What Neovim calls each buffer that has no name.
local UNNAMED = 'file://'

---@type table<integer, boolean> the buffers that are watched: whether they hold such a thing
local odd = {}

--- The text of a buffer, as the server is told of it.
---@param bufnr integer
---@return string
local function text_of(bufnr)
  local lines = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
  for i, line in ipairs(lines) do
    lines[i] = text.clean(line)
  end
  return table.concat(lines, '\n') .. (vim.bo[bufnr].eol and '\n' or '')
end

---@param bufnr integer
---@param first integer from 0
---@param last integer behind the last, -1 for the end
local function look(bufnr, first, last)
  odd[bufnr] = odd[bufnr] or text.is_odd(table.concat(vim.api.nvim_buf_get_lines(bufnr, first, last, false), ' '))
end

--- Finds out whether a buffer is an odd one, now and whenever it is changed.
---@param bufnr integer
local function watch(bufnr)
  if odd[bufnr] ~= nil then
    return
  end
  odd[bufnr] = false
  look(bufnr, 0, -1)
  local function again()
    odd[bufnr] = false
    look(bufnr, 0, -1)
  end
  vim.api.nvim_buf_attach(bufnr, false, {
    on_lines = function(_, _, _, first, _, last)
      look(bufnr, first, last)
    end,
    on_reload = again,
    on_detach = function()
      odd[bufnr] = nil
    end,
  })
end

---@param bufnr integer
---@param uri string
---@param version integer
---@return table the parameters of textDocument/didOpen
local function opening(bufnr, uri, version)
  local language = vim.bo[bufnr].filetype
  return { textDocument = { uri = uri, languageId = language, version = version, text = text_of(bufnr) } }
end

--- Tells the server of a buffer what Neovim is about to tell it, or what is right.
---@param opened table<string, boolean> the URIs of the documents that the server knows
---@param tell fun(method: string, params: table): boolean
---@param method string
---@param params table
---@return boolean
local function amend(opened, tell, method, params)
  local document = type(params) == 'table' and params.textDocument
  if not document or not vim.startswith(method, 'textDocument/did') then
    return tell(method, params)
  elseif document.uri == UNNAMED then
    return true -- it is told by M.document
  elseif method == 'textDocument/didClose' then
    opened[document.uri] = nil
    return tell(method, params)
  end
  local bufnr = vim.uri_to_bufnr(document.uri)
  if not vim.api.nvim_buf_is_loaded(bufnr) then
    return tell(method, params)
  end
  watch(bufnr)
  if method == 'textDocument/didOpen' then
    document.text = odd[bufnr] and text_of(bufnr) or document.text
  elseif not opened[document.uri] then -- the buffer has got another name
    method, params = 'textDocument/didOpen', opening(bufnr, document.uri, vim.api.nvim_buf_get_changedtick(bufnr))
  elseif odd[bufnr] and method == 'textDocument/didChange' then
    params.contentChanges = { { text = text_of(bufnr) } }
  end
  opened[document.uri] = true
  return tell(method, params)
end

--- Puts us between a client and what it tells its server of buffers.
---@param client vim.lsp.Client
function M.adopt(client)
  local notify = client.notify
  client.llmls_opened = client.llmls_opened or {}
  local opened = client.llmls_opened
  if vim.fn.has('nvim-0.11') == 1 then
    client.notify = function(self, method, params)
      return amend(opened, function(...)
        return notify(self, ...)
      end, method, params)
    end
  else
    client.notify = function(method, params)
      return amend(opened, notify, method, params)
    end
  end
end

---@class llmls.Document
---@field uri string
---@field version integer
---@field close fun() to be called once the question is on its way

--- A buffer as the server knows it. One without a name is opened for this question
--- alone, as a document of its own.
---@param client vim.lsp.Client
---@param bufnr integer
---@return llmls.Document
function M.document(client, bufnr)
  local notify = require('llmls.client').notify
  local uri, version = vim.uri_from_bufnr(bufnr), vim.api.nvim_buf_get_changedtick(bufnr)
  local unnamed = uri == UNNAMED
  if unnamed then
    uri = ('untitled:%d/%s'):format(bufnr, vim.uri_encode(places.buffer_name(bufnr)))
  end
  local known = client.llmls_opened[uri]
  if not known then
    notify(client, 'textDocument/didOpen', opening(bufnr, uri, version))
  end
  return {
    uri = uri,
    version = known and vim.lsp.util.buf_versions[bufnr] or version,
    close = function()
      if unnamed then
        notify(client, 'textDocument/didClose', { textDocument = { uri = uri } })
      end
    end,
  }
end

return M
