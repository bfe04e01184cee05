--- Text in lines of a width, for what Neovim does not wrap itself.
local M = {}

---@alias llmls.Chunk { [1]: string, [2]?: string } text and highlight group

--- Cuts chunks of one line into lines that are at most `width` cells wide, at
--- blanks where there are any.
---@param chunks llmls.Chunk[]
---@param width integer
---@return llmls.Chunk[][]
function M.chunks(chunks, width)
  local lines, line, used = {}, {}, 0
  local function feed()
    table.insert(lines, line)
    line, used = {}, 0
  end
  local function put(text, group)
    local last = line[#line]
    if last and last[2] == group then
      last[1] = last[1] .. text
    else
      table.insert(line, { text, group })
    end
    used = used + vim.api.nvim_strwidth(text)
  end
  for _, chunk in ipairs(chunks) do
    for word, blank in chunk[1]:gmatch('(%S*)(%s*)') do
      local wide = vim.api.nvim_strwidth(word)
      if used > 0 and used + wide > width then
        feed()
      end
      while wide > width do -- a word that fits into no line
        local part = vim.fn.strcharpart(word, 0, width)
        while vim.api.nvim_strwidth(part) > width do
          part = vim.fn.strcharpart(part, 0, vim.fn.strchars(part) - 1)
        end
        put(part, chunk[2])
        feed()
        word = word:sub(#part + 1)
        wide = vim.api.nvim_strwidth(word)
      end
      if word .. blank ~= '' then
        put(word .. blank, chunk[2])
      end
    end
  end
  feed()
  return lines
end

--- The same for plain text.
---@param text string
---@param width integer
---@return string[]
function M.words(text, width)
  return vim.tbl_map(function(line)
    return line[1] and line[1][1] or ''
  end, M.chunks({ { text } }, width))
end

return M
