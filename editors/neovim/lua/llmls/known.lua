--- What the other language servers of a buffer know about a piece of code: where the
--- names in it are defined.
local places = require('llmls.place')

local M = {}

--- How long they may take. A question goes out without what comes later.
local PATIENCE = 200 -- ms

--- How many names are asked about, and how many definitions of one name count.
local NAMES, EACH = 40, 2

--- How much of a file outside of the workspace is sent for a definition, and how much
--- of a comment above it, in lines.
local LINES, COMMENT = 24, 20

--- The largest such file that is read.
local LARGEST = 1024 * 1024 -- bytes

local DEFINITION = 'textDocument/definition'

local has_11 = vim.fn.has('nvim-0.11') == 1

--- The names in a piece of code, each where it stands first.
---@param place llmls.Place
---@return { name: string, at: llmls.Position }[]
local function names_in(place)
  local list, seen = {}, {}
  local lines = vim.api.nvim_buf_get_lines(place.bufnr, place.first[1], place.last[1] + 1, false)
  for i, line in ipairs(lines) do
    local row = place.first[1] + i - 1
    local last = row == place.last[1] and place.last[2] or #line
    local from = row == place.first[1] and place.first[2] or 0
    for first, name in line:sub(1, last):gmatch('()([%a_\128-\255][%w_\128-\255]*)') do
      if first > from and not seen[name] and #list < NAMES then
        seen[name] = true
        table.insert(list, { name = name, at = { row, first - 1 } })
      end
    end
  end
  return list
end

--- The other servers of a buffer that know definitions.
---@param bufnr integer
---@param ours vim.lsp.Client
---@return vim.lsp.Client[]
local function others(bufnr, ours)
  return vim.tbl_filter(function(client)
    return client.id ~= ours.id and client.name ~= ours.name
  end, vim.lsp.get_clients({ bufnr = bufnr, method = DEFINITION }))
end

---@param file string
---@return string[]?
local function lines_of(file)
  local bufnr = vim.fn.bufnr(file)
  if bufnr > 0 and vim.api.nvim_buf_is_loaded(bufnr) then
    return vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
  end
  local stat = vim.uv.fs_stat(file)
  if stat and stat.type == 'file' and stat.size <= LARGEST then
    return vim.fn.readfile(file)
  end
end

---@param line? string
---@return boolean
local function is_comment(line)
  return line ~= nil and (line:find('^%s*[/*#;]') or line:find('^%s*%-%-')) ~= nil
end

--- Whole lines, from 1.
---@param first integer
---@param last integer
---@return lsp.Range
local function range(first, last)
  return { start = { line = first - 1, character = 0 }, ['end'] = { line = last, character = 0 } }
end

--- Whether llmls reads the file itself.
---@param client vim.lsp.Client
---@param file string
---@return boolean
local function is_in_workspace(client, file)
  for _, folder in ipairs(client.workspace_folders or {}) do
    if vim.startswith(file, (vim.uri_to_fname(folder.uri):gsub('/*$', '/'))) then
      return true
    end
  end
  return false
end

--- A definition as llmls takes it; nil if there is nothing to send of it.
---@param client vim.lsp.Client ours
---@param found lsp.Location|lsp.LocationLink
---@param name string
---@return table?
local function to_place(client, found, name)
  local uri = found.uri or found.targetUri
  local at = found.range or found.targetSelectionRange
  if type(uri) ~= 'string' or not vim.startswith(uri, 'file:') or type(at) ~= 'table' then
    return nil
  end
  local place = { uri = uri, why = 'defines ' .. name }
  local first = at.start.line + 1
  local file = vim.uri_to_fname(uri)
  if is_in_workspace(client, file) then
    place.range = range(first, math.max(first, found.targetRange and found.targetRange['end'].line + 1 or first))
    return place
  end
  local lines = lines_of(file)
  if not lines or not lines[first] then
    return nil
  end
  local last = math.min(#lines, first + LINES)
  local top = first
  while top > 1 and first - top < COMMENT and is_comment(lines[top - 1]) do
    top = top - 1
  end
  place.range, place.text = range(top, last), table.concat(lines, '\n', top, last) .. '\n'
  return place
end

---@param result any
---@return (lsp.Location|lsp.LocationLink)[]
local function list_of(result)
  if type(result) ~= 'table' then
    return {}
  end
  return vim.islist(result) and result or { result }
end

--- Calls `done` with the places of the definitions, nil if there are none: at once if
--- no other server runs in the buffer, else when all have answered or it is time.
---@param place? llmls.Place
---@param client vim.lsp.Client ours
---@param done fun(context?: table[])
function M.find(place, client, done)
  local servers = place and others(place.bufnr, client) or {}
  if not place or #servers == 0 then
    return done()
  end
  local names = names_in(place)
  local answers, waiting, over = {}, #names * #servers, false
  local timer = assert(vim.uv.new_timer())
  local function finish()
    if over then
      return
    end
    over = true
    timer:stop()
    timer:close()
    local list, seen = {}, {}
    for i, name in ipairs(names) do
      for n, found in ipairs(answers[i] or {}) do
        local ok, known = pcall(to_place, client, found, name.name)
        local key = ok and known and known.uri .. known.range.start.line
        if key and not seen[key] and n <= EACH then
          seen[key] = true
          table.insert(list, known)
        end
      end
    end
    done(#list > 0 and list or nil)
  end
  if waiting == 0 then
    return finish()
  end
  timer:start(PATIENCE, 0, vim.schedule_wrap(finish))
  for _, server in ipairs(servers) do
    for i, name in ipairs(names) do
      local position = places.to_range({ bufnr = place.bufnr, first = name.at, last = name.at }, server.offset_encoding)
      local params = { textDocument = { uri = vim.uri_from_bufnr(place.bufnr) }, position = position.start }
      local function answered(_, result)
        answers[i] = vim.list_extend(answers[i] or {}, list_of(result))
        waiting = waiting - 1
        if waiting == 0 then
          finish()
        end
      end
      local sent
      if has_11 then
        sent = server:request(DEFINITION, params, answered, place.bufnr)
      else
        sent = server.request(DEFINITION, params, answered, place.bufnr)
      end
      if not sent then
        answered()
      end
    end
  end
end

return M
